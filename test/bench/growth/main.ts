/**
 * `npm run rtm -- bench:growth [-- --size <name> …]`: measures requests, stream and page at growing sizes of the data set and of the
 * stored run, and writes each one's column into the table of `docs/performance.md` when it is measured. A size that takes more than ten
 * minutes, and two for each million of events, is given up. It ends all that it started.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { runCommand, UsageError } from '../../../infra/command-line.ts';
import { withDeadline } from '../../../shared/deadline.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DatasetSize, growthDataset } from '../../support/growth-dataset.ts';
import { type OwnServers, startOwnServers } from '../../support/own-servers.ts';
import { startSystemOn } from '../../support/system.ts';
import { residentMegabytes } from '../processes.ts';
import { readStatus } from '../simulation-client.ts';
import { type LiveDay, playLive, timePage } from './live.ts';
import { REQUESTS, type Timed, timeOpening, timeRequest } from './requests.ts';
import { storeDays } from './stored-run.ts';
import { type Column, tableOf, writeColumns } from './table.ts';

/** `stored` days are in MySQL, the rest of the calendar is ahead. */
interface Size extends DatasetSize {
  readonly stored: number;
}

const SIZES: Readonly<Record<string, Size>> = {
  '100 a day': { stores: 5, products: 20, days: 731, stored: 700 },
  '1,000 a day': { stores: 25, products: 40, days: 731, stored: 700 },
  '5,000 a day': { stores: 50, products: 100, days: 70, stored: 60 },
  '2,000 products': { stores: 1, products: 2_000, days: 110, stored: 100 },
  '3,650 days': { stores: 5, products: 20, days: 3_650, stored: 3_640 },
  '5 million': { stores: 50, products: 100, days: 1_010, stored: 1_000 },
};

const SIZE_WITHIN_MS = 600_000;
const MILLION_WITHIN_MS = 120_000;
const LIVE_DAYS = 5;
function sizeOf(name: string): Size {
  const size = SIZES[name];
  if (!size) throw new Error(`There is no size ${name}: ${Object.keys(SIZES).join(', ')}.`);
  return size;
}

async function measure(name: string, servers: OwnServers, browser: Browser, directory: string) {
  const size = sizeOf(name);
  const column = new Map<string, string>();
  const dataset = path.join(directory, `${name}.csv`);
  await pipeline(Readable.from(growthDataset(size)), createWriteStream(dataset));
  const loading = performance.now();
  const system = await startSystemOn(servers.running.addresses, { dataset, ownProcess: true });
  try {
    column.set('start with its load, s', seconds(performance.now() - loading));
    column.set('events stored', (await storeDays(system, size.stored)).toLocaleString('en'));
    const { run_id: runId, day_index: dayIndex } = await readStatus(system.url);
    for (const [request, pathOf] of REQUESTS) {
      const timed = await timeRequest(system.url, pathOf(runId, dayIndex + 1));
      column.set(`${request}, ms`, cellOf(timed));
    }
    const opening = await timeOpening(system.url);
    column.set('a new viewer has the day, ms (sales sent)', `${Math.round(opening.ms)} (${opening.sales})`);
    const page = await timePage(browser, system.url);
    column.set(
      'page: usable, with its history, ms',
      `${Math.round(page.usable)}, ${Math.round(page.complete)}`,
    );
    const days = await playLive(browser, system, LIVE_DAYS);
    column.set('a day played live: request → stored, ms', worst(days, 'stored'));
    column.set('stored → at a viewer, ms', worst(days, 'viewer'));
    column.set('stored → whole on the page, ms', worst(days, 'page'));
    column.set('memory of the host, MB', residentMegabytes(system.pid).now.toFixed(0));
  } finally {
    await system.stop();
    await rm(dataset, { force: true });
  }
  return column;
}

function cellOf({ first, requests, later, outcome }: Timed): string {
  if (outcome === 'refused') return `refused (${Math.round(first)})`;
  if (outcome === 'late') return `none by ${requests} requests`;
  const times = `${Math.round(first)}, ${Math.round(later ?? 0)}`;
  return requests === 1 ? times : `${times} (${requests} requests)`;
}

function worst(days: readonly LiveDay[], figure: keyof LiveDay): string {
  return String(Math.round(Math.max(...days.map((day) => day[figure]))));
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

/** Milliseconds after which a size is given up. */
function limitOf({ stores, products, stored }: Size): number {
  return SIZE_WITHIN_MS + (stores * products * stored * MILLION_WITHIN_MS) / 1_000_000;
}

const USAGE = `Usage: npm run rtm -- bench:growth [-- --size <name> …], one of: ${Object.keys(SIZES).join(', ')}.`;

/** @throws UsageError for unknown options and sizes. */
function sizesToMeasure(): string[] | undefined {
  try {
    const { values } = parseArgs({ options: { size: { type: 'string', multiple: true } } });
    const unknown = values.size?.find((name) => !(name in SIZES));
    if (unknown !== undefined) throw new Error(`There is no size "${unknown}".`);
    return values.size;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`, { cause: error });
  }
}

async function main(): Promise<void> {
  const asked = sizesToMeasure();
  const directory = await mkdtemp(path.join(tmpdir(), 'growth-'));
  const report = (text: string) => console.error(text);
  const columns = new Map<string, Column>();
  const browser = await openBrowser();
  try {
    for (const name of asked ?? Object.keys(SIZES)) {
      const begun = performance.now();
      const servers = await startOwnServers(report);
      const withinMs = limitOf(sizeOf(name));
      const late = () => new Error(`${name} took more than ${Math.round(withinMs / 60_000)} minutes.`);
      try {
        columns.set(name, await withDeadline(withinMs, measure(name, servers, browser, directory), late));
        await writeColumns(columns, Object.keys(SIZES));
        report(
          `${name}: ${seconds(performance.now() - begun)} s, one-minute load ${loadavg()[0]?.toFixed(1)}`,
        );
        report(tableOf(columns));
      } catch (error) {
        console.error(error);
        process.exitCode = 1;
      } finally {
        await servers.stop();
      }
    }
    console.log(tableOf(columns));
  } finally {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  }
  // A size that was given up may still be at work.
  process.exit();
}

await runCommand(main);
