import { HttpProblem } from '../../shared/api/errors.ts';
import { readRunForecasts } from '../../shared/api/run-forecasts.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import {
  accuracyOf,
  type Evening,
  NO_SCORE,
  type PairDay,
  type RunScore,
  type SeriesForecast,
} from '../../shared/forecast/run-forecasts.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import type { ForecastKeeper } from '../../shared/run-forecasts/keep.ts';
import type { Calendar } from '../../shared/simulation/state.ts';

/** Where kept forecasts and the sales to compare them with come from. */
interface RunForecastSources {
  readonly keeper: ForecastKeeper;
  readonly readCalendar: (id: string) => Promise<Calendar>;
  readonly readEvenings: (
    runId: string,
    dayIndexes: readonly number[],
  ) => Promise<ReadonlyMap<number, Evening>>;
  readonly readDay: (date: string) => Promise<readonly PairDay[]>;
}

/** The route that shows kept forecasts. */
export function runForecastsApi(sources: RunForecastSources): RouteHandler[] {
  const { keeper, readCalendar, readEvenings, readDay } = sources;
  return [
    implement(readRunForecasts, async ({ query }) => {
      const state = await keeper.keep();
      if (state === null) {
        throw new HttpProblem('not_initialized', 'The simulation has no days yet: load a data set first.');
      }
      const { runId, calendarId, dayIndex } = state;
      const { dates } = await readCalendar(calendarId);
      const index = query.day === undefined ? Math.max(dayIndex, 0) : query.day - 1;
      const date = dates[index];
      if (date === undefined || index > dayIndex + 1) {
        const last = Math.min(dayIndex + 2, dates.length);
        throw new HttpProblem(
          'invalid_day',
          `day ${query.day ?? 1} is out of range: the run has forecasts for days 1 to ${last}.`,
        );
      }
      const isPlayed = index <= dayIndex;
      const [evenings, sold] = await Promise.all([
        readEvenings(runId, [index, index + 1]),
        isPlayed ? readDay(date) : null,
      ]);
      const judged = evenings.get(isPlayed ? index + 1 : index)?.score ?? NO_SCORE;
      return {
        run_id: runId,
        day: index + 1,
        date,
        series: (evenings.get(index)?.forecasts ?? []).map((series) => seriesAnswer(series, sold)),
        accuracy: accuracyAnswer(judged),
      };
    }),
  ];
}

function seriesAnswer(
  { store_id, product_id, units, intervals }: SeriesForecast,
  sold: readonly PairDay[] | null,
) {
  const own = sold?.filter(
    (pair) =>
      (store_id === null || pair.store_id === store_id) &&
      (product_id === null || pair.product_id === product_id),
  );
  const level = levelOf(store_id, product_id);
  return {
    level,
    store_id,
    product_id,
    forecast_units: units,
    intervals,
    actual: own?.reduce((sum, pair) => sum + pair.units, 0) ?? null,
    sold_out: level === 'item' ? (own?.some(({ soldOut }) => soldOut) ?? null) : null,
  };
}

function levelOf(storeId: string | null, productId: string | null) {
  if (storeId !== null) return productId === null ? ('store' as const) : ('item' as const);
  return productId === null ? ('all' as const) : ('product' as const);
}

function accuracyAnswer(score: RunScore) {
  const accuracy = accuracyOf(score);
  const rounded = (value: number | null, decimals = 2) =>
    value === null ? null : roundDecimal(value, decimals);
  return {
    wape: rounded(accuracy.wape),
    bias_pct: rounded(accuracy.bias_pct),
    coverage: accuracy.coverage.map(({ level, covered_pct }) => ({
      level,
      covered_pct: rounded(covered_pct, 1),
    })),
    tracking_signal: rounded(accuracy.tracking_signal),
    seasonal_naive_wape: rounded(accuracy.seasonal_naive_wape),
    plan_wape: rounded(accuracy.plan_wape),
    forecasts: score.forecasts,
    sold_out: score.soldOut,
  };
}
