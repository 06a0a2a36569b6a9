/**
 * Makes one data set of M5's files (Walmart, Kaggle "m5-forecasting-accuracy"): a row for each day on which a product had a price,
 * with the price of its week. Sales are wide, one column a day, and are read line by line; only calendar and prices stay in memory.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import * as z from 'zod';
import { SetupError } from '../servers/setup-error.ts';

export interface M5Options {
  /** Folder of the unpacked files. */
  readonly folder: string;
  readonly output: string;
  /** Stores to take; empty for all. */
  readonly stores: ReadonlySet<string>;
  /** Days to take, from the last. */
  readonly days: number;
}

const calendarRow = z.object({
  date: z.iso.date(),
  wm_yr_wk: z.string(),
  d: z.string(),
  event_name_1: z.string(),
});
const priceRow = z.object({
  store_id: z.string(),
  item_id: z.string(),
  wm_yr_wk: z.string(),
  sell_price: z.string(),
});
const salesRow = z.record(z.string(), z.string());
type CalendarRow = z.infer<typeof calendarRow>;

const HEADER = 'Date,Store ID,Product ID,Category,Region,Units Sold,Price,Event\n';
/** The newest of Kaggle's files with sales. */
const SALES_FILES = ['sales_train_evaluation.csv', 'sales_train_validation.csv', 'sales_train.csv'];

/** @throws SetupError if a file is missing or has other columns. */
export async function convertM5({
  folder,
  output,
  stores,
  days,
}: M5Options): Promise<{ rows: number; skipped: number }> {
  const salesFile = await fileOf(folder, SALES_FILES);
  const calendar = await readCalendar(await fileOf(folder, ['calendar.csv']));
  const priceOf = await readPrices(await fileOf(folder, ['sell_prices.csv']), stores);
  const counts = { rows: 0, skipped: 0 };

  async function* lines() {
    yield HEADER;
    for await (const row of records(salesFile, salesRow)) {
      if (stores.size > 0 && !stores.has(row.store_id ?? '')) continue;
      yield rowsOf(row);
    }
  }

  function rowsOf(row: z.infer<typeof salesRow>): string {
    const { store_id = '', item_id = '', cat_id = '', state_id = '' } = row;
    const sold = calendar.filter(({ d }) => row[d] !== undefined);
    let text = '';
    for (const { date, wm_yr_wk, d, event_name_1 } of days < sold.length ? sold.slice(-days) : sold) {
      const price = priceOf(store_id, item_id, wm_yr_wk);
      if (price === undefined) {
        counts.skipped += 1;
        continue;
      }
      counts.rows += 1;
      text += `${date},${store_id},${item_id},${cat_id},${state_id},${row[d]},${price},${event_name_1 === '' ? 0 : 1}\n`;
    }
    return text;
  }

  await pipeline(Readable.from(lines()), createWriteStream(output));
  return counts;
}

async function fileOf(folder: string, names: readonly string[]): Promise<string> {
  const present = await readdir(folder).catch(() => null);
  const name = names.find((each) => present?.includes(each));
  if (name !== undefined) return join(folder, name);
  throw new SetupError(
    `${folder} has no ${names.join(' or ')}: unpack Kaggle's m5-forecasting-accuracy.zip there.`,
  );
}

async function readCalendar(file: string): Promise<CalendarRow[]> {
  const days: CalendarRow[] = [];
  for await (const day of records(file, calendarRow)) days.push(day);
  return days;
}

/** About 30 MB for all stores: prices as floats by week, where a map of texts would take gigabytes. */
async function readPrices(file: string, stores: ReadonlySet<string>) {
  const weeks = new Map<string, number>();
  const prices = new Map<string, Float32Array>();
  for await (const { store_id, item_id, wm_yr_wk, sell_price } of records(file, priceRow)) {
    if (stores.size > 0 && !stores.has(store_id)) continue;
    const week = weeks.get(wm_yr_wk) ?? weeks.size;
    weeks.set(wm_yr_wk, week);
    const key = `${store_id}\n${item_id}`;
    const known = prices.get(key) ?? new Float32Array(INITIAL_WEEKS);
    const large = week < known.length ? known : enlarged(known, week);
    large[week] = Number(sell_price);
    prices.set(key, large);
  }
  return (store: string, item: string, week: string): string | undefined => {
    const index = weeks.get(week);
    const price = index === undefined ? undefined : prices.get(`${store}\n${item}`)?.[index];
    return price === undefined || price === 0 ? undefined : price.toFixed(2);
  };
}

/** M5 has 282 weeks. */
const INITIAL_WEEKS = 290;

function enlarged(prices: Float32Array, week: number): Float32Array {
  const larger = new Float32Array(2 * week);
  larger.set(prices);
  return larger;
}

/** @throws SetupError for a record without the columns. */
async function* records<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): AsyncGenerator<z.infer<Schema>> {
  const parser = createReadStream(file).pipe(parse({ columns: true, bom: true }));
  for await (const record of parser) {
    const row = schema.safeParse(record);
    if (!row.success) throw new SetupError(`${file} is not M5's:\n${z.prettifyError(row.error)}`);
    yield row.data;
  }
}
