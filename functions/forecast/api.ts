import { HttpProblem } from '../../shared/api/errors.ts';
import {
  backtestDemand,
  DEFAULT_LEVELS,
  type ForecastQuery,
  forecastDemand,
  forecastPlan,
  type PlanDay,
} from '../../shared/api/forecast.ts';
import { type BoundedCache, boundedCache } from '../../shared/bounded-cache.ts';
import { dailySeries, dateAfter } from '../../shared/forecast/demand-day.ts';
import { MIN_FORECAST_DAYS } from '../../shared/forecast/demand-forecast.ts';
import { type ForecastAnswer, forecastAnswer } from '../../shared/forecast/forecast-answer.ts';
import { dailyOffers, type Offer } from '../../shared/forecast/offers.ts';
import type { HistoryReader } from '../../shared/history/product-history.ts';
import type { CurrentDaySource } from '../../shared/history/scope.ts';
import {
  noData,
  type Scope,
  scopeReader,
  storeHistory,
  storeOffers,
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
      const { store_id, horizon, level, model, history: days } = query;
      const scope = await scopeOf(query.product_id, query.day);
      const key = JSON.stringify([scope.key, scope.upTo, store_id, horizon, level, model, days]);
      return versioned(
        scope,
        kept(forecasts, key, () => storeForecast(scope, query, [])),
      );
    }),
    implement(forecastPlan, async ({ query, body }) =>
      storeForecast(await scopeOf(query.product_id, query.day), query, body.days),
    ),
    implement(backtestDemand, async ({ query: { product_id, day } }) => {
      const scope = await scopeOf(product_id, day);
      const table = kept(backtests, scope.key, () => productBacktest(scope, product_id, DEFAULT_LEVELS));
      return versioned(scope, { product_id, analysis_up_to_day: scope.upTo, ...table });
    }),
  ];
}

/** @throws HttpProblem `not_found` without enough history, `invalid_request` for a plan of other days. */
function storeForecast(
  { sales, upTo }: Scope,
  query: ForecastQuery,
  plan: readonly PlanDay[],
): ForecastAnswer {
  const { store_id, product_id, horizon, level: levels, model } = query;
  const history = storeHistory(sales, store_id);
  const last = history.at(-1);
  if (last === undefined) throw noData(product_id, store_id);
  const days = dailySeries(history).length;
  if (days < MIN_FORECAST_DAYS) throw tooFewDays(MIN_FORECAST_DAYS, days);
  const ahead = offersAhead(plan, last.date, horizon);
  const past = dailyOffers(storeOffers(sales, store_id));
  return forecastAnswer(
    { store_id, product_id, analysis_up_to_day: upTo },
    history,
    { horizon, levels, model, history: query.history },
    past === null ? undefined : { past, ahead },
  );
}

/** The planned offers by step ahead; null on days that the plan leaves out. */
function offersAhead(plan: readonly PlanDay[], lastDate: string, horizon: number): (Offer | null)[] {
  const dates = Array.from({ length: horizon }, (_, step) => dateAfter(lastDate, step + 1));
  const unknown = plan.findIndex(({ date }) => !dates.includes(date));
  if (unknown >= 0) {
    const field = `body.days[${unknown}].date`;
    const message = `must be one of the days to forecast, ${dates[0]} to ${dates.at(-1)}`;
    throw new HttpProblem('invalid_request', `${field}: ${message}`, { fields: [{ field, message }] });
  }
  return dates.map((date) => {
    const planned = plan.find((day) => day.date === date);
    if (planned === undefined) return null;
    return { netPrice: planned.price * (1 - planned.discount / 100), isPromoted: planned.promotion };
  });
}

/** Returns the cached answer or makes it. Errors are not cached. */
function kept<Answer>(cache: BoundedCache<Answer>, key: string, make: () => Answer): Answer {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const answer = make();
  cache.set(key, answer);
  return answer;
}
