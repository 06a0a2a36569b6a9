/** The columns of a data set file, in the order and spelling of the Kaggle file "retail store inventory". */
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

/** A row's values as text that MySQL reads, in the order of {@link DATASET_COLUMNS}; null where the file has none. */
export type TableRow = readonly (string | null)[];

/** How a mapping names a column. */
export type ColumnKey =
  | 'date'
  | 'store'
  | 'product'
  | 'category'
  | 'region'
  | 'inventory'
  | 'units'
  | 'ordered'
  | 'forecast'
  | 'price'
  | 'discount'
  | 'weather'
  | 'promotion'
  | 'competitorPrice'
  | 'season';

type ColumnKind = 'date' | 'id' | 'label' | 'units' | 'forecast' | 'money' | 'discount' | 'flag';

/** A column that the tables know. */
export interface ColumnDefinition {
  readonly key: ColumnKey;
  /** Its name in the Kaggle file, and in messages if the file has no such column. */
  readonly name: DatasetColumn;
  /** Other names that can mean nothing else. */
  readonly aliases: readonly string[];
  readonly kind: ColumnKind;
  readonly required: boolean;
  /** What is missing without it; completes "without it …". */
  readonly cost: string;
}

function needed(
  key: ColumnKey,
  name: DatasetColumn,
  kind: ColumnKind,
  aliases: readonly string[],
): ColumnDefinition {
  return { key, name, kind, aliases, required: true, cost: 'nothing can be loaded' };
}

function optional(
  key: ColumnKey,
  name: DatasetColumn,
  kind: ColumnKind,
  cost: string,
  aliases: readonly string[] = [],
): ColumnDefinition {
  return { key, name, kind, aliases, required: false, cost };
}

/** In the order of {@link DATASET_COLUMNS}. */
export const COLUMN_DEFINITIONS: readonly ColumnDefinition[] = [
  needed('date', 'Date', 'date', []),
  needed('store', 'Store ID', 'id', ['Store']),
  needed('product', 'Product ID', 'id', ['Product']),
  optional('category', 'Category', 'label', 'there are no sums by category'),
  optional('region', 'Region', 'label', 'there are no sums by region'),
  optional('inventory', 'Inventory Level', 'units', 'stock-outs and cover are unknown', ['Inventory']),
  needed('units', 'Units Sold', 'units', ['Units']),
  optional('ordered', 'Units Ordered', 'units', 'orders are unknown'),
  optional('forecast', 'Demand Forecast', 'forecast', 'there is no plan to compare forecasts with'),
  needed('price', 'Price', 'money', ['Unit Price']),
  optional('discount', 'Discount', 'discount', 'net revenue equals revenue, and discounts can’t be analysed'),
  optional('weather', 'Weather Condition', 'label', 'there are no sums by weather', ['Weather']),
  optional('promotion', 'Holiday/Promotion', 'flag', 'promotions can’t be analysed', ['Promotion']),
  optional('competitorPrice', 'Competitor Pricing', 'money', 'there is no comparison with a competitor', [
    'Competitor Price',
  ]),
  optional('season', 'Seasonality', 'label', 'there are no sums by season', ['Season']),
];

/** A column's name without what people write differently: case, spaces, punctuation. */
export function normalName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

/** As {@link normalName}, also without a unit in parentheses: `Price ($)` is `price`. */
export function normalNameWithoutUnit(name: string): string {
  return normalName(name.replaceAll(/\([^)]*\)|\[[^\]]*\]/g, ' '));
}
