/** The columns of a data set file, in order and spelled as in the Kaggle "retail store inventory" file. */
export const DATASET_COLUMNS = [
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
] as const;

export type DatasetColumn = (typeof DATASET_COLUMNS)[number];
