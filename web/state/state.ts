import type { Opening, SaleMessage, StatusMessage } from '../../shared/api/live.ts';
import type { Problem } from './problem.ts';
import type { DaySummary } from './sums.ts';
import { type Breakdown, EMPTY_BREAKDOWN, isComplete } from './sums.ts';

/** How this page is connected to the stream. */
export type Connection =
  | { readonly kind: 'connecting' }
  /** `resumed`: it continues where an earlier connection was interrupted. */
  | { readonly kind: 'live'; readonly since: number; readonly resumed: boolean }
  /** Disconnected; the next attempt starts at a time (ms). */
  | { readonly kind: 'away'; readonly retryAt: number; readonly problem: Problem | null };

/** How a resumed connection catches up. */
export interface CatchUp {
  /** How far the simulation was when the connection was resumed: the day, and how many of its sales were stored. Null until the first status. */
  readonly upTo: { readonly dayIndex: number; readonly received: number } | null;
  /** Sales up to that point that have arrived since. */
  readonly sales: number;
  /** When the last of them arrived (ms). */
  readonly at: number;
}

/** Sales that arrived at about the same time. */
export interface Arrival {
  /** ms of this browser's clock. */
  readonly at: number;
  readonly sales: number;
}

/** Whether this page plays days automatically, and how fast. */
export interface Play {
  readonly isPlaying: boolean;
  readonly daysPerSecond: number;
}

/** The sales of the current run, as far as this page knows of them. */
export interface Run {
  /** Id of the first sale that the stream delivered; null before that. */
  readonly firstId: number | null;
  /** Which sales the stream left out when it began with a day; null if it began with the run's first sale. */
  readonly opening: Opening | null;
  /** Whether that history has been added. */
  readonly hasHistory: boolean;
  /** By the index of the day. */
  readonly days: ReadonlyMap<number, DaySummary>;
  /** All sales of the run. */
  readonly breakdown: Breakdown;
  /** Those of the newest days by the index of the day; older ones are dropped. */
  readonly newestDays: ReadonlyMap<number, Breakdown>;
}

/** A day, named with its run: the next run has days of the same indexes. */
export interface OwnDay {
  readonly runId: string;
  readonly dayIndex: number;
}

/** Everything the page shows. */
export interface PageState {
  readonly connection: Connection;
  /** Null until the stream has reported it. */
  readonly status: StatusMessage | null;
  readonly run: Run;
  /** The newest sales, newest first, at most {@link FEED_LENGTH}. */
  readonly feed: readonly SaleMessage[];
  /** Sales that arrived in the last seconds, oldest first. */
  readonly arrivals: readonly Arrival[];
  /** What the page missed while it was disconnected; null if it wasn't. */
  readonly catchUp: CatchUp | null;
  readonly play: Play;
  readonly problem: Problem | null;
  /** Who reset the simulation, or is about to, since the user last pressed something; null if nobody did. */
  readonly resetBy: 'this page' | 'another viewer' | null;
  /** How often another viewer has reset the simulation, so that each time can be announced. */
  readonly othersResets: number;
  /** Requests of this page to advance that have no answer yet. */
  readonly advancing: number;
  /** The last day that a request of this page advanced to; null for none. */
  readonly ownDay: OwnDay | null;
  /** How many days another viewer advanced everybody at once; null if that was announced, or nobody did. */
  readonly travelled: number | null;
}

export const FEED_LENGTH = 2_000;

export const emptyRun: Run = {
  firstId: null,
  opening: null,
  hasHistory: false,
  days: new Map(),
  breakdown: EMPTY_BREAKDOWN,
  newestDays: new Map(),
};

export const initialState: PageState = {
  connection: { kind: 'connecting' },
  status: null,
  run: emptyRun,
  feed: [],
  arrivals: [],
  catchUp: null,
  play: { isPlaying: false, daysPerSecond: 1 },
  problem: null,
  resetBy: null,
  othersResets: 0,
  advancing: 0,
  ownDay: null,
  travelled: null,
};

/** Sums of the whole run; empty until the sales from before this page was opened are known. */
export function runBreakdown({ hasHistory, breakdown }: Run): Breakdown {
  return hasHistory ? breakdown : EMPTY_BREAKDOWN;
}

/** What is shown in place of an empty table of the whole run. */
export function emptyTableText({ status }: PageState): string {
  return status && status.day_index > 0
    ? 'Loading the sales so far …'
    : 'Appears with the sales of the first day.';
}

/** The day whose sums are shown: the newest with sales; null before the first. */
export function shownDay({ run }: Pick<PageState, 'run'>): DaySummary | null {
  return run.days.get(Math.max(...run.newestDays.keys())) ?? null;
}

/** The newest day all of whose sales have arrived. */
export interface CompleteDay {
  readonly dayIndex: number;
  /** When the last of them arrived at this page; null if that was before it was opened. */
  readonly shownAt: number | null;
}

/** Null before the first complete day. */
export function newestCompleteDay(run: Run): CompleteDay | null {
  let newest: DaySummary | null = null;
  for (const day of run.days.values()) {
    if (isComplete(day) && day.dayIndex > (newest?.dayIndex ?? -1)) newest = day;
  }
  return newest && { dayIndex: newest.dayIndex, shownAt: newest.completeAt };
}

/** How many days are left to play. */
export function daysLeft({ status }: PageState): number {
  return status ? status.total_days - 1 - status.day_index : 0;
}
