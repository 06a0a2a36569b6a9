/** An operation of the API that a part of the page is made from. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Where it stands in the documentation: its group, and its name there. */
  readonly tag: string;
  readonly operationId: string;
}

export const FORECAST: Endpoint = {
  method: 'GET',
  path: '/demand/forecast',
  tag: 'forecast',
  operationId: 'forecastDemand',
};
export const BACKTEST: Endpoint = {
  method: 'GET',
  path: '/demand/backtest',
  tag: 'forecast',
  operationId: 'backtestDemand',
};
export const PREDICT: Endpoint = {
  method: 'GET',
  path: '/demand/predict',
  tag: 'analytics',
  operationId: 'predictDemand',
};
export const PRICE: Endpoint = {
  method: 'GET',
  path: '/price/sensitivity',
  tag: 'analytics',
  operationId: 'readPriceSensitivity',
};
export const PROMOTION: Endpoint = {
  method: 'GET',
  path: '/promotions/simulate',
  tag: 'analytics',
  operationId: 'simulatePromotions',
};
export const OPTIMIZE: Endpoint = {
  method: 'POST',
  path: '/optimize/demand',
  tag: 'optimize',
  operationId: 'optimizeDemand',
};
export const TRIALS: Endpoint = {
  method: 'GET',
  path: '/optimize/history',
  tag: 'optimize',
  operationId: 'readOptimizationHistory',
};
export const METRICS: Endpoint = {
  method: 'GET',
  path: '/metrics',
  tag: 'system',
  operationId: 'readMetrics',
};
export const RUN_DAYS: Endpoint = {
  method: 'GET',
  path: '/simulation/runs/{run_id}/days',
  tag: 'analytics',
  operationId: 'readRunDays',
};

/** Opens the operation in Swagger UI, which knows it by this fragment. */
export function docsAddress({ tag, operationId }: Pick<Endpoint, 'tag' | 'operationId'>): string {
  return `/docs#/${tag}/${operationId}`;
}

/** An endpoint's address with its parameters. */
export function addressOf({ path }: Endpoint, parameters: Readonly<Record<string, string | number>>): string {
  const query = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `${path}?${new URLSearchParams(query)}`;
}
