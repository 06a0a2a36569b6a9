import { HttpProblem } from '../../shared/api/errors.ts';
import {
  backtestDemand,
  DEFAULT_LEVELS,
  type ForecastQuery,
  forecastDemand,
  forecastPlan,
  type PlanDay,
  type PlanQuery,
  type RequestedLevel,
  readLevel,
} from '../../shared/api/forecast.ts';
import { type BoundedCache, boundedCache } from '../../shared/bounded-cache.ts';
import { dateAfter } from '../../shared/forecast/demand-day.ts';
import { MIN_FORECAST_DAYS } from '../../shared/forecast/demand-forecast.ts';
import { type ForecastAnswer, forecastAnswer } from '../../shared/forecast/forecast-answer.ts';
import { dailyOffers, type Offer } from '../../shared/forecast/offers.ts';
import {
  noData,
  type SalesScope,
  scopeReader,
  storeHistory,
  storeOffers,
  tooFewDays,
  versioned,
} from '../../shared/history/scope.ts';
import { VersionedAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { type LevelSources, levelReader } from './levels.ts';
import { type ProductBacktest, productBacktest } from './product-backtest.ts';

/** Cached answers of each kind: about 10 KB each, and as much again for the JSON that is kept with an answer. */
const KEPT_ANSWERS = 500;

/** The routes that forecast several days ahead and backtest forecasts. */
export function forecastApi(sources: LevelSources): RouteHandler[] {
  const scopeOf = scopeReader(sources.history, sources.store);
  const levelAnswer = levelReader(sources);
  const forecasts = boundedCache<ItemForecast>(KEPT_ANSWERS);
  const backtests = boundedCache<ProductBacktest>(KEPT_ANSWERS);
  return [
    implement(forecastDemand, async ({ query }) => {
      const { store_id = '', product_id = '', reconciliation } = query;
      const level = readLevel(query.level);
      requireIds(level, query);
      const isAlone = reconciliation === 'none' && (level.name ?? 'item') === 'item';
      if (!isAlone && (level.name !== undefined || reconciliation === 'mint')) {
        const { answer, version } = await levelAnswer({ ...query, level });
        return version === null ? answer : new VersionedAnswer(answer, version);
      }
      const own = { ...query, store_id, product_id, level: [...level.percents] };
      const scope = await scopeOf(product_id, query.day);
      const { horizon, model, history: days } = query;
      const method = isAlone ? null : ('bottom_up' as const);
      const key = JSON.stringify([scope.key, scope.upTo, store_id, horizon, own.level, model, days, method]);
      const answer = kept(forecasts, key, () => ({
        ...storeForecast(scope, own, []),
        level: 'item' as const,
        reconciliation: method,
      }));
      return versioned(scope, answer);
    }),
    implement(forecastPlan, async ({ query, body }) => {
      const scope = await scopeOf(query.product_id, query.day);
      return {
        ...storeForecast(scope, query, body.days),
        level: 'item' as const,
        reconciliation: null,
      };
    }),
    implement(backtestDemand, async ({ query: { product_id, day } }) => {
      const scope = await scopeOf(product_id, day);
      const key = JSON.stringify([scope.key, scope.upTo]);
      const table = kept(backtests, key, () => productBacktest(scope, product_id, DEFAULT_LEVELS));
      return versioned(scope, { product_id, analysis_up_to_day: scope.upTo, ...table });
    }),
  ];
}

/** The forecast of one product in one store, as it is returned. */
type ItemForecast = ForecastAnswer & {
  readonly level: 'item';
  readonly reconciliation: 'bottom_up' | null;
};

/** What must be given for a level; without a name it is an item. */
const NEEDED = {
  all: [],
  store: ['store_id'],
  product: ['product_id'],
  item: ['store_id', 'product_id'],
} as const;

/** @throws HttpProblem `invalid_request` that names each id that the level needs and the query lacks. */
function requireIds({ name }: RequestedLevel, query: ForecastQuery): void {
  const missing = NEEDED[name ?? 'item'].filter((id) => query[id] === undefined);
  const fields = missing.map((name) => ({
    field: `query.${name}`,
    message: 'is missing; expected a string',
  }));
  const [first] = fields;
  if (first === undefined) return;
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  throw new HttpProblem('invalid_request', `${first.field}: ${first.message}${more}`, { fields });
}

/** @throws HttpProblem `not_found` without enough history, `invalid_request` for a plan of other days. */
function storeForecast(scope: SalesScope, query: PlanQuery, plan: readonly PlanDay[]): ForecastAnswer {
  const { store_id, product_id, horizon, level: levels, model } = query;
  const history = storeHistory(scope, store_id);
  const last = history.at(-1);
  if (last === undefined) throw noData(product_id, store_id);
  if (history.length < MIN_FORECAST_DAYS) throw tooFewDays(MIN_FORECAST_DAYS, history.length);
  const ahead = offersAhead(plan, last.date, horizon);
  const past = dailyOffers(storeOffers(scope, store_id));
  return forecastAnswer(
    { store_id, product_id, analysis_up_to_day: scope.upTo },
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
