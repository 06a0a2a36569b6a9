import { setTimeout as delay } from 'node:timers/promises';
import type { RandomStream } from '../../data/generator/random-stream.ts';

/** Requests sent to the host and their outcomes. */
export interface LoadCounts {
  clicks: number;
  resets: number;
  reads: number;
  /** 503 answers: a busy machine is sometimes too slow and says so. */
  unavailable: number;
  /** Answers no request should get, by status and path. */
  readonly unexpected: Map<string, number>;
}

export function noLoad(): LoadCounts {
  return { clicks: 0, resets: 0, reads: 0, unavailable: 0, unexpected: new Map() };
}

const CLICK_EVERY_MS = 500;
const READ_EVERY_MS = 1_000;

/** Advances between two resets, unless the last day comes first. */
const MAX_RUN_CLICKS = 300;

/** One request for every function that answers requests. */
function requests(store: string, product: string): readonly [path: string, method?: string][] {
  return [
    ['/simulation/status'],
    ['/sales/recent?limit=100'],
    ['/sales/summary'],
    [`/price/sensitivity?product_id=${product}`],
    [`/promotions/simulate?product_id=${product}&discount_pct=10`],
    [`/demand/predict?store_id=${store}&product_id=${product}`],
    [`/demand/forecast?store_id=${store}&product_id=${product}`],
    [`/optimize/demand?store_id=${store}&product_id=${product}`, 'POST'],
    ['/metrics?format=prometheus'],
    ['/health?deep=1'],
    ['/stream/live'],
    ['/openapi.json'],
  ];
}

/** Advances like the page's playback, with resets at random days, until the signal aborts. */
export async function clickOn(
  url: string,
  random: RandomStream,
  counts: LoadCounts,
  signal: AbortSignal,
): Promise<void> {
  let left = random.integer(1, MAX_RUN_CLICKS);
  while (!signal.aborted) {
    left -= 1;
    const isLast = left < 0 || (await click(url, counts)) === 400;
    if (isLast) {
      counts.resets += 1;
      note(counts, await fetch(`${url}/simulation/reset`, { method: 'POST' }), [200]);
      left = random.integer(1, MAX_RUN_CLICKS);
    }
    await pause(CLICK_EVERY_MS, signal);
  }
}

async function click(url: string, counts: LoadCounts): Promise<number> {
  counts.clicks += 1;
  const response = await fetch(`${url}/simulation/next-day`, { method: 'POST' });
  note(counts, response, [200, 400]);
  return response.status;
}

/** Sends each of the API's requests in turn, for random stores and products, until the signal aborts. */
export async function readOn(
  url: string,
  random: RandomStream,
  counts: LoadCounts,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    const all = requests(`S00${random.integer(1, 5)}`, `P${String(random.integer(1, 20)).padStart(4, '0')}`);
    const [path, method = 'GET'] = all[turn % all.length] ?? ['/health'];
    counts.reads += 1;
    // A pair without sales so far is unknown.
    note(counts, await fetch(`${url}${path}`, { method }), [200, 404]);
    await pause(READ_EVERY_MS, signal);
  }
}

function note(counts: LoadCounts, response: Response, expected: readonly number[]): void {
  void response.arrayBuffer().catch(() => undefined);
  if (response.status === 503) counts.unavailable += 1;
  if (response.status === 503 || expected.includes(response.status)) return;
  const key = `${response.status} ${new URL(response.url).pathname}`;
  counts.unexpected.set(key, (counts.unexpected.get(key) ?? 0) + 1);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
