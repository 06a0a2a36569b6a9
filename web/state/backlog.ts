import type { Arrival, PageState } from './state.ts';
import { isComplete } from './sums.ts';

/** How far back (ms) the rate of arrivals looks. */
const RATE_WINDOW_MS = 5_000;

/** Arrivals within this time (ms) are counted together. */
const SLICE_MS = 250;

/** Adds sales that arrived at a time (ms), and forgets old ones. */
export function addArrival(arrivals: readonly Arrival[], sales: number, at: number): readonly Arrival[] {
  const recent = arrivals.filter((each) => at - each.at < RATE_WINDOW_MS);
  const last = recent.at(-1);
  if (!last || at - last.at >= SLICE_MS) return [...recent, { at, sales }];
  return [...recent.slice(0, -1), { at: last.at, sales: last.sales + sales }];
}

/** Sales per second in the last seconds. @param now ms of this browser's clock. */
export function arrivalRate(arrivals: readonly Arrival[], now: number): number {
  const recent = arrivals.filter(({ at }) => now - at < RATE_WINDOW_MS);
  const [first] = recent;
  if (!first) return 0;
  const sales = recent.reduce((sum, each) => sum + each.sales, 0);
  return sales / Math.max(1, (now - first.at) / 1_000);
}

/** What is under way between the newest request and this page. */
export interface Backlog {
  /** Days whose sales have all arrived, of those that were requested. */
  readonly arrived: number;
  readonly requested: number;
  /** Sales under way, estimated from the number per day. */
  readonly sales: number;
}

/** Null while at most the current day is under way, or while the days before this page was opened are unknown. */
export function backlogOf({ status, run }: Pick<PageState, 'status' | 'run'>): Backlog | null {
  if (!status || !run.hasHistory) return null;
  const days = [...run.days.values()];
  const requested = status.day_index + 1;
  const arrived = days.filter(isComplete).length;
  if (requested - arrived <= 1) return null;
  const known = days.reduce((sum, { events }) => sum + events, 0);
  const perDay = days[0]?.total ?? status.day_total;
  return { arrived, requested, sales: Math.max(0, requested * perDay - known) };
}

/** Number of days that may be under way at any speed. */
const MOST_DAYS_BEHIND = 3;

/**
 * Whether enough days are under way for playback to wait for the pipeline instead of running away from it: more than a second's
 * worth or, while the earlier days are unknown, the current one.
 */
export function isBehind({ status, run, play, ownDay }: PageState): boolean {
  if (status?.is_running && !run.hasHistory) return status.day_received < status.day_total;
  const { arrived = 0, requested = 0 } = backlogOf({ status, run }) ?? {};
  // An accepted request may be answered before the stream tells of its days.
  const isSameRun = status !== null && ownDay?.runId === status.run_id;
  const untold = isSameRun ? Math.max(0, ownDay.dayIndex - status.day_index) : 0;
  return requested - arrived + untold > Math.max(MOST_DAYS_BEHIND, play.daysPerSecond);
}
