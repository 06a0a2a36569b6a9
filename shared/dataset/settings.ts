import * as z from 'zod';
import type { ColumnKey } from './columns.ts';

/** Orders of day, month and year in a date; `excel` is the number of a day as Excel counts. */
export const DATE_FORMATS = ['ymd', 'dmy', 'mdy', 'excel'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** Data sets that are known by name (profiles.ts). */
export const PROFILE_NAMES = [
  'kaggle',
  'rossmann',
  'favorita',
  'online-retail',
  'superstore',
  'complete-journey',
  'm5',
] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

const columnName = z.string().min(1).max(200);
/** The first of several names that the file has. */
const columnNames = z.union([columnName, z.array(columnName).min(1).max(20)]);
/** Where a column's values come from; null leaves the column out. */
const source = z.union([
  columnNames,
  z.strictObject({ value: z.union([z.string().min(1), z.number()]) }),
  z.null(),
]);

const columns = z.strictObject({
  date: source.optional(),
  store: source.optional(),
  product: source.optional(),
  category: source.optional(),
  region: source.optional(),
  inventory: source.optional(),
  units: source.optional(),
  ordered: source.optional(),
  forecast: source.optional(),
  /** `{"amount": …}`: the price is amount ÷ units; with `"net": true` the discount is already deducted from the amount. */
  price: z.union([source, z.strictObject({ amount: columnNames, net: z.boolean().optional() })]).optional(),
  /** `{"amounts": […]}`: discounts in money, of either sign, that are already deducted from the price's amount. */
  discount: z.union([source, z.strictObject({ amounts: z.array(columnName).min(1).max(10) })]).optional(),
  weather: source.optional(),
  /** `{"column": …, "above": 0}`: promoted if the number is greater. */
  promotion: z.union([source, z.strictObject({ column: columnNames, above: z.number() })]).optional(),
  competitorPrice: source.optional(),
  season: source.optional(),
} satisfies Record<ColumnKey, z.ZodType>);

/** How a file is to be read: everything that the reader can't or mustn't find out alone. */
export const datasetSettingsSchema = z.strictObject({
  /** A profile's name: its settings apply where these have none. */
  profile: z.enum(PROFILE_NAMES).optional(),
  columns: columns.optional(),
  dateFormat: z.enum(DATE_FORMATS).optional(),
  /** The date of day 1 of a column that counts days. */
  firstDay: z.iso.date().optional(),
  decimal: z.enum(['.', ',']).optional(),
  discount: z.enum(['percent', 'fraction']).optional(),
  /** A label of the WHATWG encoding standard, such as `latin1`. */
  encoding: z
    .string()
    .refine(isEncoding, { error: 'an encoding is utf-8, utf-16le, latin1 or the like' })
    .optional(),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  /** Adds up several lines of a day, store and product. */
  sum: z.boolean().optional(),
  /** Units below zero: `net` deducts them from the day's sales, `drop` leaves their lines out. */
  returns: z.enum(['net', 'drop']).optional(),
  /** Rounds units to whole ones and amounts to two decimals. */
  round: z.boolean().optional(),
  /** Leaves lines out: those that lack what is needed, or have a price below zero. */
  skip: z.array(z.enum(['incomplete', 'negative price'])).optional(),
});

export type DatasetSettings = z.infer<typeof datasetSettingsSchema>;
export type ColumnSettings = NonNullable<DatasetSettings['columns']>;

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding.length > 0;
  } catch {
    return false;
  }
}
