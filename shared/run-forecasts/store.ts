import * as z from 'zod';
import { roundDecimal } from '../forecast/numerics.ts';
import type { Evening, RunScore, SeriesForecast } from '../forecast/run-forecasts.ts';
import { RUNNING_LEVELS } from '../forecast/running-forecast.ts';
import { type Pool, select, WITHOUT_LIMIT } from '../mysql/connection.ts';

/** An evening as two columns hold it. */
export interface EveningTexts {
  readonly forecasts: string;
  readonly score: string;
}

/** Text of an evening; units are rounded to hundredths. */
export function textsOf({ forecasts, score }: Evening): EveningTexts {
  const rows = forecasts.map(({ store_id, product_id, units, intervals }) => [
    store_id,
    product_id,
    roundDecimal(units, 2),
    ...intervals.flatMap(({ lower, upper }) => [roundDecimal(lower, 2), roundDecimal(upper, 2)]),
  ]);
  return { forecasts: JSON.stringify(rows), score: JSON.stringify(score) };
}

const forecastsSchema = z.array(
  z.tuple([z.string().nullable(), z.string().nullable(), z.number()], z.number()),
);

const scoreSchema: z.ZodType<RunScore> = z.object({
  forecasts: z.number(),
  soldOut: z.number(),
  units: z.number(),
  error: z.number(),
  absoluteError: z.number(),
  held: z.array(z.number()),
  naiveError: z.number(),
  planError: z.number(),
  planUnits: z.number(),
  smoothedError: z.number(),
  smoothedSize: z.number(),
});

function eveningOf({ forecasts, score }: EveningTexts): Evening {
  const rows = forecastsSchema.parse(JSON.parse(forecasts));
  return { forecasts: rows.map(seriesOf), score: scoreSchema.parse(JSON.parse(score)) };
}

function seriesOf([store_id, product_id, units, ...bounds]: z.infer<
  typeof forecastsSchema
>[number]): SeriesForecast {
  const intervals = RUNNING_LEVELS.map((level, index) => ({
    level,
    lower: Number(bounds[2 * index]),
    upper: Number(bounds[2 * index + 1]),
  }));
  return { store_id, product_id, units, intervals };
}

const LAST = 'SELECT MAX(day_index) AS last FROM run_forecasts WHERE run_id = ?';

/** The day that the last kept evening of a run forecasts; -1 for none. Evenings are kept in order, so none before is missing. */
export async function lastKeptEvening(pool: Pool, runId: string): Promise<number> {
  const [row] = await select<{ last: number | null }>(pool, LAST, [runId]);
  return row?.last ?? -1;
}

/** A row that is there stays as it is: what was forecast isn't forecast again. */
const INSERT =
  'INSERT INTO run_forecasts (run_id, day_index, date, forecasts, score) VALUES ? ON DUPLICATE KEY UPDATE run_id = run_id';

interface EveningRow {
  readonly dayIndex: number;
  readonly date: string | null;
  readonly texts: EveningTexts;
}

/** Keeps evenings of a run. Those that are already kept are not changed. */
export async function insertEvenings(
  pool: Pool,
  runId: string,
  evenings: readonly EveningRow[],
): Promise<void> {
  const rows = evenings.map(({ dayIndex, date, texts }) => [
    runId,
    dayIndex,
    date,
    texts.forecasts,
    texts.score,
  ]);
  for (const batch of batchesOf(rows, STATEMENT_BYTES)) await pool.query(WITHOUT_LIMIT + INSERT, [batch]);
}

/** Servers accept statements of at least 16 MB; quotes are escaped, so a text may need twice its bytes. */
const STATEMENT_BYTES = 4_000_000;

/** Splits rows, in their order, into batches whose texts have at most `mostBytes`, or into single rows where one alone has more. */
export function batchesOf<Row extends readonly (string | number | null)[]>(
  rows: readonly Row[],
  mostBytes: number,
): Row[][] {
  const batches: Row[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const own = row.reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0);
    bytes += own;
    if (bytes > mostBytes) {
      batches.push([]);
      bytes = own;
    }
    batches.at(-1)?.push(row);
  }
  return batches;
}

const READ =
  'SELECT day_index, forecasts, score FROM run_forecasts WHERE run_id = ? AND day_index IN (?) ORDER BY day_index';

/** Evenings of a run by the index of the day that they forecast; without those that are not kept. */
export async function readEvenings(
  pool: Pool,
  runId: string,
  dayIndexes: readonly number[],
): Promise<Map<number, Evening>> {
  const rows = await select<EveningTexts & { day_index: number }>(pool, READ, [runId, dayIndexes]);
  return new Map(rows.map((row) => [row.day_index, eveningOf(row)]));
}

/** Names a series: a pair of both ids, a store, a product, or the total with neither. */
export type SeriesKey = Pick<SeriesForecast, 'store_id' | 'product_id'>;

/** What was forecast for one series on a day. */
export type KeptSeriesDay = Omit<SeriesForecast, keyof SeriesKey>;

/**
 * The entry of one series alone, so that a year of evenings isn't read whole: the text after its beginning, up to the next
 * bracket. The beginning occurs nowhere else, because quotes within ids are escaped.
 */
const READ_SERIES = `
  SELECT day_index, SUBSTRING_INDEX(SUBSTRING_INDEX(forecasts, ?, -1), ']', 1) AS numbers
    FROM run_forecasts
   WHERE run_id = ? AND day_index BETWEEN ? AND ? AND LOCATE(?, forecasts) > 0`;

/** One series on the days between two indexes, inclusive; without those that have no forecast of it. */
export async function readSeries(
  pool: Pool,
  runId: string,
  { store_id, product_id }: SeriesKey,
  [from, to]: readonly [number, number],
): Promise<Map<number, KeptSeriesDay>> {
  const beginning = `[${JSON.stringify(store_id)},${JSON.stringify(product_id)},`;
  const rows = await select<{ day_index: number; numbers: string }>(pool, READ_SERIES, [
    beginning,
    runId,
    from,
    to,
    beginning,
  ]);
  return new Map(
    rows.map(({ day_index, numbers }) => {
      const [units = Number.NaN, ...bounds] = numbers.split(',').map(Number);
      const { intervals } = seriesOf([store_id, product_id, units, ...bounds]);
      return [day_index, { units, intervals }];
    }),
  );
}
