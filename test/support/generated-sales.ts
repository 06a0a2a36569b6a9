import { generateRows } from '../../data/generator/rows.ts';
import type { ProductSale } from '../../shared/analytics/product-sale.ts';

/** The generated sales of each product of a seed, ascending by date and store. */
export function generatedSales(seed: number): Map<string, ProductSale[]> {
  const products = new Map<string, ProductSale[]>();
  const flags = new Map<string, boolean>();
  for (const row of generateRows(seed)) {
    // The first row of a date stands for the date in the calendar.
    if (!flags.has(row.date)) flags.set(row.date, row.isPromotion);
    const sales = products.get(row.productId) ?? [];
    products.set(row.productId, sales);
    sales.push({
      date: row.date,
      storeId: row.storeId,
      units: row.unitsSold,
      price: row.price,
      discount: row.discount,
      competitorPrice: row.competitorPricing,
      isPromotion: flags.get(row.date) ?? false,
      isPromoted: row.isPromotion,
      weather: row.weather,
      inventory: row.inventoryLevel,
      ordered: row.unitsOrdered,
    });
  }
  return products;
}
