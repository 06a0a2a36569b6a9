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
import type { KeptSeriesDay, SeriesKey } from '../../shared/run-forecasts/store.ts';
import type { Calendar, SimulationState } from '../../shared/simulation/state.ts';

/** Where kept forecasts and the sales to compare them with come from. */
interface RunForecastSources {
  readonly keeper: ForecastKeeper;
  readonly readCalendar: (id: string) => Promise<Calendar>;
  readonly readEvenings: (
    runId: string,
    dayIndexes: readonly number[],
  ) => Promise<ReadonlyMap<number, Evening>>;
  readonly readDay: (date: string) => Promise<readonly PairDay[]>;
  /** One series on the days between two indexes, inclusive, without those that are not kept. */
  readonly readSeries: (
    runId: string,
    series: SeriesKey,
    between: readonly [number, number],
  ) => Promise<ReadonlyMap<number, KeptSeriesDay>>;
  /** Units of a series on the dates between two, inclusive, without those that have no sales. */
  readonly readUnits: (
    series: SeriesKey,
    between: readonly [string, string],
  ) => Promise<ReadonlyMap<string, number>>;
}

/**
 * The route that shows kept forecasts.
 *
 * @returns A handler that throws HttpProblem `not_initialized` before the first data set, and `invalid_day` for a day after
 *   the next.
 */
export function runForecastsApi(sources: RunForecastSources): RouteHandler[] {
  const { keeper, readCalendar, readEvenings, readDay } = sources;
  const readHistory = historyReader(sources);
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
      const { store_id = null, product_id = null, days } = query;
      const wanted = { store_id, product_id };
      const isOneSeries = days !== undefined || store_id !== null || product_id !== null;
      const [evenings, sold, history] = await Promise.all([
        readEvenings(runId, [index, index + 1]),
        isPlayed ? readDay(date) : null,
        days === undefined ? undefined : readHistory(state, dates, wanted, [index - days + 1, index]),
      ]);
      const series = evenings.get(index)?.forecasts ?? [];
      const judged = evenings.get(isPlayed ? index + 1 : index)?.score ?? NO_SCORE;
      return {
        run_id: runId,
        day: index + 1,
        date,
        series: (isOneSeries ? series.filter((each) => isSame(each, wanted)) : series).map((each) =>
          seriesAnswer(each, sold),
        ),
        ...(history && { history }),
        accuracy: accuracyAnswer(judged),
      };
    }),
  ];
}

function isSame(one: SeriesKey, other: SeriesKey): boolean {
  return one.store_id === other.store_id && one.product_id === other.product_id;
}

/** Reads a series on days of the run that may begin before its first. */
function historyReader({ readSeries, readUnits }: RunForecastSources) {
  return async (
    { runId, dayIndex }: Pick<SimulationState, 'runId' | 'dayIndex'>,
    dates: readonly string[],
    series: SeriesKey,
    [first, last]: readonly [number, number],
  ) => {
    const from = Math.max(0, first);
    const [begin, end] = [dates[from] ?? '', dates[Math.min(last, dayIndex)] ?? ''];
    const [kept, units] = await Promise.all([
      readSeries(runId, series, [from, last]),
      from <= dayIndex ? readUnits(series, [begin, end]) : new Map<string, number>(),
    ]);
    return dates.slice(from, last + 1).map((date, offset) => {
      const day = kept.get(from + offset);
      // What was forecast for a day that was played has an actual, even if the data set has no row for it.
      const withoutSales = day !== undefined && from + offset <= dayIndex ? 0 : null;
      return {
        day: from + offset + 1,
        date,
        forecast_units: day?.units ?? null,
        intervals: [...(day?.intervals ?? [])],
        actual: units.get(date) ?? withoutSales,
      };
    });
  };
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
