import { isSoldOut } from '../analytics/product-sale.ts';
import { type PairDay, type RunForecasts, runForecasts } from '../forecast/run-forecasts.ts';
import { dataSetReader } from '../history/product-history.ts';
import { type Pool, select } from '../mysql/connection.ts';
import type { Calendar, SimulationState } from '../simulation/state.ts';
import { type EveningTexts, insertEvenings, lastKeptEvening, type SeriesKey, textsOf } from './store.ts';

/**
 * Keeps what was forecast for each day of the current run on the evening before.
 *
 * Forecasts of an evening follow from the data set's days so far alone, so it doesn't matter when they are computed, how often,
 * or by how many processes at once: the reconciliation keeps those of the days played since it last ran, a reader those that are
 * still missing, and a row that is already there stays as it is. Nothing waits for them on the way of a sale.
 */
export interface ForecastKeeper {
  /**
   * Keeps the evenings up to that of the current day, which has the forecasts of the next.
   *
   * @returns the state that was read; null before the simulation is initialized
   */
  keep(): Promise<SimulationState | null>;
}

interface KeeperDependencies {
  readonly pool: Pool;
  readonly store: {
    readState(): Promise<SimulationState | null>;
    readCalendar(id: string): Promise<Calendar>;
  };
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Data sets with more pairs of store and product keep nothing. Default: 5,000. */
  readonly mostPairs?: number;
  /** Characters of computed evenings that stay in memory for further runs. Default: 16 million. */
  readonly mostCharacters?: number;
}

/** Evenings that are computed and inserted at a time. */
const BATCH = 50;

/** Nothing is kept for data sets with more pairs: each evening forecasts all of them, and little more than the total would fit. */
const MOST_PAIRS = 5_000;

/**
 * All evenings of 731 days of 100 pairs are 5 million characters, so another run of them computes nothing. 1,000 days of 5,000 pairs
 * would be 300 million: then only the newest stay, and another run computes its evenings again.
 */
const MOST_CHARACTERS = 16_000_000;

/** Pairs of store and product, counted up to a limit by skipping through the index of products. */
const PAIRS =
  'SELECT COUNT(*) AS pairs FROM (SELECT 1 FROM sales_facts GROUP BY product_id, store_id LIMIT ?) known';

/** The evenings of a calendar on a data set, computed as far as they were needed. */
interface Computed {
  readonly key: string;
  /** Whether it has too many pairs for evenings to be kept. */
  readonly isTooLarge: boolean;
  readonly forecasts: RunForecasts;
  /** How many were computed. */
  count: number;
  /** The newest of them. */
  readonly newest: EveningTexts[];
  characters: number;
}

function nothingComputed(key: string, isTooLarge: boolean): Computed {
  return { key, isTooLarge, forecasts: runForecasts(), count: 0, newest: [], characters: 0 };
}

const lengthOf = ({ forecasts, score }: EveningTexts) => forecasts.length + score.length;

/** Computes the next evening, and drops the oldest that no longer fit and come before the evening `from`. */
function addEvening(computed: Computed, from: number, mostCharacters: number): void {
  const texts = textsOf(computed.forecasts.evening());
  computed.newest.push(texts);
  computed.count += 1;
  computed.characters += lengthOf(texts);
  while (computed.characters > mostCharacters && computed.count - computed.newest.length < from) {
    const oldest = computed.newest.shift();
    computed.characters -= oldest ? lengthOf(oldest) : 0;
  }
}

/** Creates a keeper. Its calls of `keep` run one after the other, and share what has been computed. */
export function forecastKeeper({
  pool,
  store,
  now,
  mostPairs = MOST_PAIRS,
  mostCharacters = MOST_CHARACTERS,
}: KeeperDependencies): ForecastKeeper {
  const dataSets = dataSetReader(pool, now);
  let computed: Computed | null = null;
  let running: Promise<unknown> = Promise.resolve();

  /** Evenings `from` to `to` of the newest data set; null if there is none, it is too large, or another one was loaded meanwhile. */
  async function eveningsOf(
    calendarId: string,
    dates: readonly string[],
    [from, to]: readonly [number, number],
  ): Promise<EveningTexts[] | null> {
    const dataSet = await dataSets.current();
    if (!dataSet) return null;
    const key = `${dataSet.id}/${calendarId}`;
    if (computed?.key !== key) {
      const [row] = await select<{ pairs: number }>(pool, PAIRS, [mostPairs + 1]);
      computed = nothingComputed(key, Number(row?.pairs) > mostPairs);
    }
    if (computed.isTooLarge) return null;
    // Another run began, whose first evenings are no longer there.
    if (computed.count - computed.newest.length > from) computed = nothingComputed(key, false);
    const current = computed;
    if (current.count === 0) addEvening(current, from, mostCharacters);
    while (current.count <= to) {
      const start = current.count - 1;
      const wanted = dates.slice(start, Math.min(start + BATCH, to));
      const days = await readDays(pool, dataSet.id, wanted);
      if (days === null) {
        dataSets.forget();
        computed = null;
        return null;
      }
      for (const date of wanted) {
        const day = days.get(date);
        // A client may register dates that the data set doesn't have; they say nothing about demand.
        if (day) current.forecasts.learn(day);
        addEvening(current, from, mostCharacters);
      }
    }
    const first = current.count - current.newest.length;
    return current.newest.slice(from - first, to + 1 - first);
  }

  async function keepMissing(): Promise<SimulationState | null> {
    const state = await store.readState();
    if (!state || state.lastIndex < 0) return null;
    const { runId, calendarId, dayIndex } = state;
    const last = dayIndex + 1;
    const kept = await lastKeptEvening(pool, runId);
    if (kept >= last) return state;
    const { dates } = await store.readCalendar(calendarId);
    for (let from = kept + 1; from <= last; from += BATCH) {
      const to = Math.min(from + BATCH - 1, last);
      const evenings = await eveningsOf(calendarId, dates, [from, to]);
      if (evenings === null) return state;
      const rows = evenings.map((texts, index) => ({
        dayIndex: from + index,
        date: dates[from + index] ?? null,
        texts,
      }));
      await insertEvenings(pool, runId, rows);
    }
    return state;
  }

  return {
    keep() {
      // One after the other: both would advance the same forecasts.
      const next = running.then(keepMissing, keepMissing);
      running = next;
      return next;
    },
  };
}

/**
 * The sales of dates that the forecasts learn from. Each row names its data set, because another one may have been loaded since
 * the last check.
 */
const SALES_OF_DATES = `
  SELECT date, store_id, product_id, units_sold, inventory_level, demand_forecast,
         (SELECT MAX(id) FROM datasets) AS data_set
    FROM sales_facts
   WHERE date BETWEEN ? AND ?
   ORDER BY date, store_id, product_id`;

interface SaleRow {
  readonly date: string;
  readonly store_id: string;
  readonly product_id: string;
  readonly units_sold: number;
  readonly inventory_level: number | null;
  readonly demand_forecast: number | null;
  readonly data_set: number;
}

/**
 * The sales of some dates of a data set.
 *
 * @param dates ascending; at least one
 * @returns null if another data set has been loaded
 */
export async function readDays(
  pool: Pool,
  dataSet: number | null,
  dates: readonly string[],
): Promise<Map<string, PairDay[]> | null> {
  const rows = await select<SaleRow>(pool, SALES_OF_DATES, [dates[0], dates.at(-1)]);
  if (dataSet !== null && rows.some(({ data_set }) => data_set !== dataSet)) return null;
  const days = Map.groupBy(rows, ({ date }) => date);
  return new Map([...days].map(([date, ofDay]) => [date, ofDay.map(pairDay)]));
}

function pairDay(row: SaleRow): PairDay {
  return {
    store_id: row.store_id,
    product_id: row.product_id,
    units: row.units_sold,
    soldOut: isSoldOut({ units: row.units_sold, inventory: row.inventory_level }),
    plan: row.demand_forecast,
  };
}

/** Conditions on a series; a null id leaves its column open. Ids must match exactly, and SQL's comparison ignores trailing spaces. */
const UNITS_OF_SERIES = `
  SELECT date, SUM(units_sold) AS units
    FROM sales_facts
   WHERE date BETWEEN ? AND ?
     AND (? IS NULL OR (store_id = ? AND LENGTH(store_id) = LENGTH(?)))
     AND (? IS NULL OR (product_id = ? AND LENGTH(product_id) = LENGTH(?)))
   GROUP BY date`;

/** Units that a series sold on the dates between two, inclusive; without dates that have no sales. */
export async function readUnits(
  pool: Pool,
  { store_id, product_id }: SeriesKey,
  [from, to]: readonly [string, string],
): Promise<Map<string, number>> {
  const ids = [store_id, store_id, store_id, product_id, product_id, product_id];
  const rows = await select<{ date: string; units: number }>(pool, UNITS_OF_SERIES, [from, to, ...ids]);
  return new Map(rows.map(({ date, units }) => [date, Number(units)]));
}
