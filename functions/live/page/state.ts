import type { SaleMessage, StatusMessage } from '../messages.ts';
import type { DaySummary } from './day-summary.ts';
import type { Problem } from './problem.ts';

/** How this page is connected to the stream. */
export type Connection =
  | { readonly kind: 'connecting' }
  /** `resumed`: it goes on from where an earlier connection broke off. */
  | { readonly kind: 'live'; readonly since: number; readonly resumed: boolean }
  /** Broken off; the next attempt begins at a time (ms). */
  | { readonly kind: 'away'; readonly retryAt: number; readonly problem: Problem | null };

/** A click of this page that was accepted: the date it led to, and when it was made (ms). */
export interface AcceptedClick {
  readonly date: string;
  readonly clickedAt: number;
}

/** All that the page shows. */
export interface PageState {
  readonly connection: Connection;
  /** Null until the stream has told it. */
  readonly status: StatusMessage | null;
  /** The days of this run whose sales have come to this page, by their index. */
  readonly days: ReadonlyMap<number, DaySummary>;
  /** The newest sales, newest first, at most {@link FEED_LENGTH}. */
  readonly feed: readonly SaleMessage[];
  /** Sales that came at once after the connection was resumed: what was missed. */
  readonly caughtUp: number;
  readonly lastClick: AcceptedClick | null;
  readonly problem: Problem | null;
}

export const FEED_LENGTH = 150;

export const initialState: PageState = {
  connection: { kind: 'connecting' },
  status: null,
  days: new Map(),
  feed: [],
  caughtUp: 0,
  lastClick: null,
  problem: null,
};

/** The day whose sums are shown: the newest that has sales; null before the first. */
export function shownDay({ days }: PageState): DaySummary | null {
  let newest: DaySummary | null = null;
  for (const day of days.values()) if (!newest || day.dayIndex > newest.dayIndex) newest = day;
  return newest;
}

/** Milliseconds from the last accepted click to the last sale of its day on this page; null while that isn't known. */
export function clickToComplete({ days, lastClick }: PageState): number | null {
  if (!lastClick) return null;
  const day = [...days.values()].find(({ date }) => date === lastClick.date);
  return day?.completeAt ? day.completeAt - lastClick.clickedAt : null;
}
