import type { DatasetRow } from './rows.ts';

/** First line of the file, without its line end: as in the Kaggle file "retail store inventory". */
export const CSV_HEADER = [
  'Date',
  'Store ID',
  'Product ID',
  'Category',
  'Region',
  'Inventory Level',
  'Units Sold',
  'Units Ordered',
  'Demand Forecast',
  'Price',
  'Discount',
  'Weather Condition',
  'Holiday/Promotion',
  'Competitor Pricing',
  'Seasonality',
].join(',');

/** A row as a line of the file, without its line end. None of the values ever needs quoting. */
export function csvLine(row: DatasetRow): string {
  return [
    row.date,
    row.storeId,
    row.productId,
    row.category,
    row.region,
    row.inventoryLevel,
    row.unitsSold,
    row.unitsOrdered,
    decimal(row.demandForecast),
    decimal(row.price),
    row.discount,
    row.weather,
    row.isPromotion ? 1 : 0,
    decimal(row.competitorPricing),
    row.season,
  ].join(',');
}

/** As the original file writes decimals: `33.5`, not `33.50`, and `20.0`, not `20`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
