import { openViewer } from '../../support/viewer.ts';
import { quantile } from '../figure.ts';
import { readStatus } from '../simulation-client.ts';

/** What is requested at each size: its name in the table, and its path. */
export const REQUESTS: readonly (readonly [name: string, path: (runId: string, day: number) => string])[] = [
  ['`/simulation/status`', () => '/simulation/status'],
  ['`/sales/recent`', () => '/sales/recent?limit=100'],
  ['`/sales/recent?day=`', (_run, day) => `/sales/recent?limit=100&day=${Math.ceil(day / 2)}`],
  ['`/sales/summary?by=day`', () => '/sales/summary?by=day'],
  ['`/sales/summary?by=product`', () => '/sales/summary?by=product'],
  ['`/sales/summary?by=store&day=`', (_run, day) => `/sales/summary?by=store&day=${Math.ceil(day / 2)}`],
  ['`/sales/ranking?day=`', (_run, day) => `/sales/ranking?day=${day}`],
  ['`/metrics`', () => '/metrics'],
  ['`/insights`', () => '/insights'],
  ['`/proof`', () => '/proof'],
  ['run days', (runId) => `/simulation/runs/${runId}/days`],
  ['run days, `?from=` the last', (runId, day) => `/simulation/runs/${runId}/days?from=${day - 1}`],
  ['`/demand/forecast`', () => '/demand/forecast?store_id=S001&product_id=P0001'],
  ['`/replenishment`, a product', () => '/replenishment?product_id=P0001'],
  ['`/replenishment`, all', () => '/replenishment'],
];

/** Milliseconds of a first request and of later ones; the first may be refused as too large. */
export interface Timed {
  /** Until the first answer, however many requests it took. */
  readonly first: number;
  /** Requests until then. */
  readonly requests: number;
  /** Median of five. */
  readonly later: number | null;
  readonly outcome: 'answered' | 'refused' | 'late';
}

/** API Gateway's limit. */
const ANSWER_WITHIN_MS = 29_000;
const LATER = 5;
/** Requests of which each is given up, after which a question counts as unanswerable. */
const REQUESTS_UNTIL_LATE = 5;

/** A request that is given up is repeated, as a client would, because the next one continues where it ended. */
export async function timeRequest(url: string, path: string): Promise<Timed> {
  const begun = performance.now();
  let requests = 1;
  let { outcome } = await timeOnce(url, path);
  for (; outcome === 'late' && requests < REQUESTS_UNTIL_LATE; requests += 1)
    ({ outcome } = await timeOnce(url, path));
  const first = performance.now() - begun;
  if (outcome !== 'answered') return { first, requests, later: null, outcome };
  const later: number[] = [];
  for (let request = 0; request < LATER; request += 1) later.push((await timeOnce(url, path)).ms);
  return {
    first,
    requests,
    later: quantile(
      later.toSorted((a, b) => a - b),
      0.5,
    ),
    outcome: 'answered',
  };
}

async function timeOnce(url: string, path: string): Promise<{ ms: number; outcome: Timed['outcome'] }> {
  const begun = performance.now();
  const answer = async () => {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    await response.arrayBuffer();
    if (response.status === 422) return 'refused';
    // The gateway has given up, or a dependency took too long; the size's other figures still count.
    if (response.status === 503) return 'late';
    if (!response.ok) throw new Error(`${path} was answered by ${response.status}.`);
    return 'answered';
  };
  const outcome = await answer().catch((error: unknown) => {
    if (error instanceof DOMException) return 'late' as const;
    throw error;
  });
  return { ms: performance.now() - begun, outcome };
}

/** A new viewer: milliseconds until it has the current day, and how many sales it was sent for it. */
export async function timeOpening(url: string): Promise<{ ms: number; sales: number }> {
  const { day_total: total, day_index: index } = await readStatus(url);
  const begun = performance.now();
  const viewer = await openViewer(url);
  await viewer.until(({ sales }) => sales.filter(({ day_index }) => day_index === index).length >= total);
  const ms = performance.now() - begun;
  viewer.close();
  return { ms, sales: viewer.sales.length };
}
