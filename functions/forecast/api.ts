import { backtestDemand, DEFAULT_LEVELS, forecastDemand } from '../../shared/api/forecast.ts';
import { type BoundedCache, boundedCache } from '../../shared/bounded-cache.ts';
import { dailySeries } from '../../shared/forecast/demand-day.ts';
import { MIN_FORECAST_DAYS } from '../../shared/forecast/demand-forecast.ts';
import {
  type ForecastAnswer,
  type ForecastAnswerRequest,
  forecastAnswer,
} from '../../shared/forecast/forecast-answer.ts';
import type { HistoryReader } from '../../shared/history/product-history.ts';
import type { CurrentDaySource } from '../../shared/history/scope.ts';
import {
  noData,
  type Scope,
  scopeReader,
  storeHistory,
  tooFewDays,
  versioned,
} from '../../shared/history/scope.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { type ProductBacktest, productBacktest } from './product-backtest.ts';

/** The data that forecasts are made from. */
interface ForecastSources {
  readonly history: HistoryReader;
  readonly store: CurrentDaySource;
}

/** Cached answers of each kind, about 10 KB each. */
const KEPT_ANSWERS = 500;

/** The routes that forecast several days ahead and backtest forecasts. */
export function forecastApi({ history, store }: ForecastSources): RouteHandler[] {
  const scopeOf = scopeReader(history, store);
  const forecasts = boundedCache<ForecastAnswer>(KEPT_ANSWERS);
  const backtests = boundedCache<ProductBacktest>(KEPT_ANSWERS);
  return [
    implement(forecastDemand, async ({ query }) => {
      const { store_id, product_id, horizon, level: levels, model, history: days } = query;
      const scope = await scopeOf(product_id, query.day);
      const key = JSON.stringify([scope.key, scope.upTo, store_id, horizon, levels, model, days]);
      const answer = kept(forecasts, key, () =>
        storeForecast(scope, { store_id, product_id }, { horizon, levels, model, history: days }),
      );
      return versioned(scope, answer);
    }),
    implement(backtestDemand, async ({ query: { product_id, day } }) => {
      const scope = await scopeOf(product_id, day);
      const table = kept(backtests, scope.key, () => productBacktest(scope, product_id, DEFAULT_LEVELS));
      return versioned(scope, { product_id, analysis_up_to_day: scope.upTo, ...table });
    }),
  ];
}

function storeForecast(
  { sales, upTo }: Scope,
  { store_id, product_id }: { store_id: string; product_id: string },
  request: ForecastAnswerRequest,
): ForecastAnswer {
  const history = storeHistory(sales, store_id);
  if (history.length === 0) throw noData(product_id, store_id);
  const days = dailySeries(history).length;
  if (days < MIN_FORECAST_DAYS) throw tooFewDays(MIN_FORECAST_DAYS, days);
  return forecastAnswer({ store_id, product_id, analysis_up_to_day: upTo }, history, request);
}

/** Returns the cached answer or makes it. Errors are not cached. */
function kept<Answer>(cache: BoundedCache<Answer>, key: string, make: () => Answer): Answer {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const answer = make();
  cache.set(key, answer);
  return answer;
}
