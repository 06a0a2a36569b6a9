import type { DatasetSettings, ProfileName } from './settings.ts';

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
