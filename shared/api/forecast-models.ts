/** What the API and the forecasts share. Without imports, so that neither depends on the other's code. */

/** Public names, the simplest model first: of equally good models the simplest is chosen. */
export const MODEL_NAMES = [
  'seasonal_naive',
  'moving_average',
  'tsb',
  'theta',
  'holt_winters',
  'combination',
  'regression',
] as const;

export type ModelName = (typeof MODEL_NAMES)[number];

/** The longest forecast, in days. */
export const MAX_HORIZON = 28;

/** Highest planned price: what the data set's column can hold. */
export const MAX_PRICE = 99_999_999.99;

/** The most products in stores that one request forecasts: each takes 12 to 15 ms of processor time. */
export const MAX_PAIRS = 500;

/** Named parameters, as answers show them; those of a combination under the names of its members. */
export type ModelParameters = { readonly [name: string]: number | ModelParameters };

/** What is forecast: everything, the sum of a store, that of a product over all stores, or one product in one store. */
export const FORECAST_LEVELS = ['all', 'store', 'product', 'item'] as const;

export type ForecastLevel = (typeof FORECAST_LEVELS)[number];

/** How forecasts of all levels are made to agree. */
export const RECONCILIATIONS = ['bottom_up', 'mint'] as const;

export type Reconciliation = (typeof RECONCILIATIONS)[number];
