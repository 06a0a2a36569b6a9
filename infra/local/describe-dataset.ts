import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CheckedDataset, checkDataset } from '../../shared/dataset/check-dataset.ts';
import { COLUMN_DEFINITIONS } from '../../shared/dataset/columns.ts';
import { ORDER_NAMES } from '../../shared/dataset/dates.ts';
import { InvalidDatasetError, UnreadableDatasetError } from '../../shared/dataset/errors.ts';
import { openDataset } from '../../shared/dataset/open-dataset.ts';
import { describeSource } from '../../shared/dataset/rows.ts';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import { SetupError } from './servers/setup-error.ts';

/**
 * Reads a file as the ETL will, without storing anything.
 *
 * @throws SetupError with every problem of the file.
 */
export async function checkFile(path: string, settings: DatasetSettings): Promise<CheckedDataset> {
  try {
    const dataset = openDataset({ kind: 'file', path, settings });
    return await checkDataset(dataset, ignore, ignore);
  } catch (error) {
    if (!(error instanceof InvalidDatasetError || error instanceof UnreadableDatasetError)) throw error;
    throw new SetupError(error.message, { cause: error });
  }
}

async function ignore(): Promise<void> {}

interface CheckOptions {
  readonly path: string;
  readonly settings: DatasetSettings;
  /** Remembers the last file that was fine. */
  readonly stampFile: string;
  readonly report: (line: string) => void;
}

/**
 * Checks a data set before any server starts, so that its problems are the first thing a person reads. A file that was fine and
 * hasn't changed since is not checked again.
 *
 * @throws SetupError
 */
export async function checkBeforeStart({ path, settings, stampFile, report }: CheckOptions): Promise<void> {
  const stamp = await stampOf(path, settings);
  if ((await readFile(stampFile, 'utf8').catch(() => null)) === stamp) return;
  report(`Checking ${path} …`);
  await checkFile(path, settings);
  await mkdir(dirname(stampFile), { recursive: true });
  await writeFile(stampFile, stamp);
}

async function stampOf(path: string, settings: DatasetSettings): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return createHash('sha256')
    .update(JSON.stringify([path, size, mtimeMs, settings]))
    .digest('hex');
}

const DAY_MS = 86_400_000;
/** Beyond this a data set needs minutes and gigabytes (docs/data.md). */
const LARGE_ROWS = 1_000_000;

/** What was understood of a data set, for people. */
export function describeDataset(path: string, checked: CheckedDataset): string[] {
  const { survey, notices } = checked;
  return [
    `${path} can be loaded.`,
    '',
    ...contents(checked),
    '',
    'Columns:',
    ...columns(checked),
    '',
    'How it is written:',
    `  dates      ${dateForms(checked)}`,
    `  numbers    decimals after a ${survey.numbers.sign === ',' ? 'comma' : 'point'}`,
    `  text       ${survey.encoding}, fields separated by ${JSON.stringify(survey.dialect.delimiter)}`,
    ...section(
      'To know:',
      notices.filter((notice) => !notice.startsWith('There is no ')),
    ),
    ...(checked.rows < LARGE_ROWS
      ? []
      : ['', 'This is a large data set: see "What one machine holds" in docs/data.md.']),
  ];
}

function contents({ rows, lines, days, stores, products, pairs }: CheckedDataset): string[] {
  const [first, last] = [days[0]?.date ?? '', days.at(-1)?.date ?? ''];
  const perDay = days.map(({ sales }) => sales);
  return [
    `  sales      ${number(rows)}${lines === rows ? '' : ` from ${number(lines)} lines`}`,
    `  span       ${first} to ${last}: ${counted(days.length, 'day')} with sales${gaps(days)}`,
    `  per day    ${range(least(perDay), greatest(perDay))}`,
    `  stores     ${number(stores.size)} (${examples(stores.keys())})`,
    `  products   ${number(products.size)} (${examples(products.keys())}), in ${counted(pairs, 'pair')} with stores`,
  ];
}

function range(least: number, greatest: number): string {
  return least === greatest ? counted(least, 'sale') : `${number(least)} to ${counted(greatest, 'sale')}`;
}

function counted(amount: number, thing: string): string {
  return `${number(amount)} ${thing}${amount === 1 ? '' : 's'}`;
}

function columns({ survey }: CheckedDataset): string[] {
  return COLUMN_DEFINITIONS.map(({ key, name, cost }) => {
    const source = survey.header?.sources[key];
    const from = source === undefined || source.kind === 'none' ? `missing: ${cost}` : describeSource(source);
    return `  ${name.padEnd(19)}${from}`;
  });
}

function dateForms({ survey: { dates } }: CheckedDataset): string {
  const orders = [...new Set(dates.orders.values())].map((order) => ORDER_NAMES[order]);
  return orders.length === 0 ? 'numbers of days' : orders.join(' and ');
}

/** Days without any sale within the span. */
function gaps(days: CheckedDataset['days']): string {
  let missing = 0;
  let longest = 0;
  for (const [index, { date }] of days.entries()) {
    const before = days[index - 1];
    if (before === undefined) continue;
    const gap = (Date.parse(date) - Date.parse(before.date)) / DAY_MS - 1;
    missing += gap;
    longest = Math.max(longest, gap);
  }
  return missing === 0
    ? ', no gaps'
    : `, ${number(missing)} without (the longest gap has ${number(longest)})`;
}

const MAX_EXAMPLES = 3;

function examples(names: Iterable<string>): string {
  const all = [...names];
  return `${all.slice(0, MAX_EXAMPLES).join(', ')}${all.length > MAX_EXAMPLES ? ', …' : ''}`;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
