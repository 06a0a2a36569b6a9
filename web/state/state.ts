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

/** A click of this page that was accepted: the last day it advanced to, and when it was made (ms). */
export interface AcceptedAdvance {
  readonly dayIndex: number;
  readonly clickedAt: number;
}

/** How a resumed connection catches up. */
export interface CatchUp {
  /** How far the simulation was when the connection was resumed: the day, and how many of its sales were stored. Null until the first status. */
  readonly upTo: { readonly dayIndex: number; readonly received: number } | null;
  /** Sales up to that point that have arrived since. */
  readonly sales: number;
  /** When the last of them arrived (ms). */
  readonly at: number;
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

/** Everything the page shows. */
export interface PageState {
  readonly connection: Connection;
  /** Null until the stream has reported it. */
  readonly status: StatusMessage | null;
  readonly run: Run;
  /** The newest sales, newest first, at most {@link FEED_LENGTH}. */
  readonly feed: readonly SaleMessage[];
  /** What the page missed while it was disconnected; null if it wasn't. */
  readonly catchUp: CatchUp | null;
  readonly play: Play;
  /** The last accepted click whose day is complete on this page, and all later ones. */
  readonly clicks: readonly AcceptedAdvance[];
  readonly problem: Problem | null;
  /** Who reset the simulation since the last request of this page; null if nobody did. */
  readonly resetBy: 'this page' | 'another viewer' | null;
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
  catchUp: null,
  play: { isPlaying: false, daysPerSecond: 1 },
  clicks: [],
  problem: null,
  resetBy: null,
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

/** The newest day all of whose sales have arrived at this page, with the time of the last; null before the first. */
export function newestCompleteDay(run: Run): { readonly dayIndex: number; readonly shownAt: number } | null {
  const day = [...run.days.values()].findLast(({ completeAt }) => completeAt !== null);
  return day && day.completeAt !== null ? { dayIndex: day.dayIndex, shownAt: day.completeAt } : null;
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
  return { arrived, requested, sales: Math.max(0, requested * (days[0]?.total ?? 0) - known) };
}

/** How many days are left to play. */
export function daysLeft({ status }: PageState): number {
  return status ? status.total_days - 1 - status.day_index : 0;
}

/**
 * Milliseconds from a click to the last sale of its day on this page, for the last click for which it is known, so that the
 * figure doesn't disappear during the next one; null before the first.
 */
export function latestLatency({ run, clicks }: PageState): number | null {
  const click = clicks.findLast((each) => hasArrived(run, each));
  const shownAt = click && run.days.get(click.dayIndex)?.completeAt;
  return click && shownAt ? shownAt - click.clickedAt : null;
}

/** Adds a click and drops those that are no longer needed. */
export function addAdvance({ run, clicks }: PageState, click: AcceptedAdvance): readonly AcceptedAdvance[] {
  const complete = clicks.findLastIndex((each) => hasArrived(run, each));
  return [...clicks.slice(Math.max(0, complete)), click];
}

function hasArrived({ days }: Run, { dayIndex }: AcceptedAdvance): boolean {
  return typeof days.get(dayIndex)?.completeAt === 'number';
}
