/**
 * Method, path, tag and operation id of every operation of the HTTP API. The declarations in this folder are made from
 * this table. It imports nothing, so that the page can link to operations without bundling their schemas.
 */

/** Where an operation is found: by HTTP, and in the documentation. */
export interface Operation {
  readonly method: 'GET' | 'POST';
  /** Without a trailing slash, but for the root. A segment in braces, `{run_id}`, is a parameter and matches any text without a slash. */
  readonly path: `/${string}`;
  /** The group it is documented in. */
  readonly tag: string;
  /** In camelCase, unique in the system. */
  readonly operationId: string;
}

/** The groups of the documentation, in its order, and what each is for. */
export const tags = {
  simulation: 'Controls the simulation: init, next-day, reset, status',
  sales: 'Reads the sales of the current run',
  analytics: 'Analyses history (demand, prices, promotions) and summarizes a run',
  forecast: 'Forecasts several days ahead, backtests the models, and recommends orders',
  optimize: 'Searches for the best moving average, and stores every trial',
  system: 'Health, metrics, API documentation, and responses to unknown paths',
  live: 'Streams stored sales to browsers as Server-Sent Events, and serves the page',
} as const;
type Tag = keyof typeof tags;

export const operations = {
  initSimulation: post('simulation', 'initSimulation', '/simulation/init'),
  readSimulationStatus: get('simulation', 'readSimulationStatus', '/simulation/status'),
  nextDay: post('simulation', 'nextDay', '/simulation/next-day'),
  resetSimulation: post('simulation', 'resetSimulation', '/simulation/reset'),
  declareDayTotal: post('simulation', 'declareDayTotal', '/simulation/day-total'),
  recentSales: get('sales', 'recentSales', '/sales/recent'),
  validCombo: get('sales', 'validCombo', '/sales/valid-combo'),
  predictDemand: get('analytics', 'predictDemand', '/demand/predict'),
  readPriceSensitivity: get('analytics', 'readPriceSensitivity', '/price/sensitivity'),
  simulatePromotions: get('analytics', 'simulatePromotions', '/promotions/simulate'),
  summarizeSales: get('analytics', 'summarizeSales', '/sales/summary'),
  readRanking: get('analytics', 'readRanking', '/sales/ranking'),
  readInsights: get('analytics', 'readInsights', '/insights'),
  readRunDays: get('analytics', 'readRunDays', '/simulation/runs/{run_id}/days'),
  forecastDemand: get('forecast', 'forecastDemand', '/demand/forecast'),
  forecastPlan: post('forecast', 'forecastPlan', '/demand/forecast'),
  backtestDemand: get('forecast', 'backtestDemand', '/demand/backtest'),
  readRunForecasts: get('forecast', 'readRunForecasts', '/demand/forecasts'),
  readReplenishment: get('forecast', 'readReplenishment', '/replenishment'),
  optimizeDemand: post('optimize', 'optimizeDemand', '/optimize/demand'),
  readOptimizationHistory: get('optimize', 'readOptimizationHistory', '/optimize/history'),
  readRoot: get('system', 'readRoot', '/'),
  readHealth: get('system', 'readHealth', '/health'),
  readMetrics: get('system', 'readMetrics', '/metrics'),
  readProof: get('system', 'readProof', '/proof'),
  readOpenApi: get('system', 'readOpenApi', '/openapi.json'),
  readDocs: get('system', 'readDocs', '/docs'),
  readDocsFile: get('system', 'readDocsFile', '/docs/{file}'),
  streamEvents: get('live', 'streamEvents', '/stream/events'),
  readLivePage: get('live', 'readLivePage', '/stream/live'),
  readLiveAsset: get('live', 'readLiveAsset', '/stream/assets/{file}'),
} as const satisfies Record<string, Operation>;

function get(tag: Tag, operationId: string, path: Operation['path']): Operation {
  return { method: 'GET', path, tag, operationId };
}

function post(tag: Tag, operationId: string, path: Operation['path']): Operation {
  return { method: 'POST', path, tag, operationId };
}
