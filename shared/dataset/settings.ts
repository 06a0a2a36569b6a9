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

/** How a public data set is read. */
interface Profile {
  /** Which file it is, and what is made of it. */
  readonly about: string;
  readonly settings: DatasetSettings;
}

/** Public data sets by name. A mapping may start from one and change what it likes. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  kaggle: {
    about: 'Kaggle "retail store inventory" in all its copies; the default, spelled out',
    settings: {},
  },
  rossmann: {
    about:
      'Rossmann Store Sales, train.csv: one product, "All products"; a unit is a euro of turnover, so the price is 1',
    settings: {
      columns: {
        date: 'Date',
        store: 'Store',
        product: { value: 'All products' },
        units: 'Sales',
        price: { value: 1 },
        promotion: 'Promo',
      },
    },
  },
  favorita: {
    about:
      'Corporación Favorita, train.csv of either competition: items or families; no price, so the price is 1; ' +
      'units are rounded and returns deducted',
    settings: {
      columns: {
        date: 'date',
        store: 'store_nbr',
        product: ['item_nbr', 'family'],
        units: ['unit_sales', 'sales'],
        price: { value: 1 },
        promotion: { column: 'onpromotion', above: 0 },
      },
      returns: 'net',
      round: true,
      sum: true,
    },
  },
  'online-retail': {
    about:
      'Online Retail (UCI) and Online Retail II: countries as stores, stock codes as products; returns are deducted, ' +
      'bookings with a price below zero are left out',
    settings: {
      columns: {
        date: ['InvoiceDate', 'Invoice Date'],
        store: 'Country',
        product: ['StockCode', 'Stock Code'],
        region: 'Country',
        units: 'Quantity',
        price: ['Price', 'UnitPrice'],
      },
      returns: 'net',
      round: true,
      sum: true,
      skip: ['negative price', 'incomplete'],
    },
  },
  superstore: {
    about:
      'Sample Superstore (Tableau): regions as stores, sub-categories as products; the price is what Sales and Discount imply',
    settings: {
      columns: {
        date: 'Order Date',
        store: 'Region',
        product: ['Sub-Category', 'Sub Category', 'SubCategory'],
        category: 'Category',
        region: 'Region',
        units: 'Quantity',
        price: { amount: 'Sales', net: true },
        discount: 'Discount',
      },
      returns: 'net',
      round: true,
      sum: true,
    },
  },
  'complete-journey': {
    about:
      'dunnhumby, The Complete Journey: transactions of either form; the price is what was paid plus the discounts, ' +
      'day 1 of the form with DAY is 2016-01-01',
    settings: {
      columns: {
        date: ['transaction_timestamp', 'DAY'],
        store: 'store_id',
        product: 'product_id',
        units: 'quantity',
        price: { amount: 'sales_value', net: true },
        discount: { amounts: ['retail_disc', 'coupon_disc', 'coupon_match_disc'] },
      },
      firstDay: '2016-01-01',
      returns: 'net',
      round: true,
      sum: true,
    },
  },
  m5: {
    about: 'M5 (Walmart), as npm run dataset -- convert-m5 writes it',
    settings: { columns: { promotion: 'Event' } },
  },
};

/** The settings with those of their profile filled in. */
export function resolveSettings({ profile, ...own }: DatasetSettings): DatasetSettings {
  if (profile === undefined) return own;
  const { settings } = PROFILES[profile];
  return { ...settings, ...own, columns: { ...settings.columns, ...own.columns } };
}

/** Equal for settings that read a file equally; null for none: then the file alone decides what is loaded. */
export function settingsFingerprint(settings: DatasetSettings): string | null {
  const { columns = {}, ...others } = resolveSettings(settings);
  const entries = [
    ...Object.entries(columns).map(([key, value]) => [`columns.${key}`, value]),
    ...Object.entries(others),
  ];
  if (entries.length === 0) return null;
  return JSON.stringify(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}
