import type { Opening, SaleMessage } from '../../shared/api/live.ts';
import type { Run } from './state.ts';
import {
  addSales,
  addToBreakdown,
  type Breakdown,
  type DaySummary,
  EMPTY_BREAKDOWN,
  emptyDay,
  plusBreakdown,
  plusDay,
} from './sums.ts';

/** What a run had sold before this page was opened: its sales with smaller ids. */
export interface History {
  readonly beforeId: number;
  readonly days: readonly DaySummary[];
  readonly breakdown: Breakdown;
}

/** Number of days whose breakdown is kept: the newest and the one before it. */
const NEWEST_DAYS = 2;

/** The stream begins with a day. Once a sale has arrived, the page resumes after it and nothing more is left out. */
export function openRun(run: Run, opening: Opening): Run {
  return run.firstId === null ? { ...run, opening } : run;
}

/** The id before which sales are history, which is requested; null until it is known. */
export function historyBefore({ firstId, opening }: Run): number | null {
  return opening?.before_id ?? firstId;
}

/**
 * Adds sales that arrived at a time (ms). Those that the stream has opened with are history, too: they are added to their
 * days now, and come to the breakdown with the history.
 */
export function addToRun(run: Run, sales: readonly SaleMessage[], at: number): Run {
  const { day_index: openingDay, before_id: beforeId } = run.opening ?? { day_index: 0, before_id: 0 };
  const since = sales.filter(({ id }) => id >= beforeId);
  // A stream that was interrupted in its opening resumes with the sales that it had left out.
  const ownDays = sales.filter(({ id, day_index }) => id >= beforeId || day_index >= openingDay);
  const byDay = Map.groupBy(ownDays, ({ day_index }) => day_index);
  return {
    ...run,
    firstId: run.firstId ?? sales[0]?.id ?? null,
    days: addToDays(run.days, byDay, at),
    breakdown: addToBreakdown(run.breakdown, since),
    newestDays: addToNewestDays(run.newestDays, byDay),
  };
}

/** Adds what was sold before this page was opened; ignores the history of another run. */
export function addHistory(run: Run, history: History): Run {
  if (run.hasHistory || historyBefore(run) !== history.beforeId) return run;
  const { day_index: openingDay } = run.opening ?? { day_index: Number.POSITIVE_INFINITY };
  const days = history.days
    .filter(({ dayIndex }) => dayIndex < openingDay)
    .map((day) => [day.dayIndex, plusDay(day, run.days.get(day.dayIndex))] as const);
  return {
    ...run,
    hasHistory: true,
    days: new Map([...run.days, ...days].toSorted(([one], [other]) => one - other)),
    breakdown: plusBreakdown(history.breakdown, run.breakdown),
  };
}

type SalesByDay = ReadonlyMap<number, readonly SaleMessage[]>;

function addToDays(
  days: ReadonlyMap<number, DaySummary>,
  byDay: SalesByDay,
  at: number,
): ReadonlyMap<number, DaySummary> {
  const added = new Map(days);
  for (const [dayIndex, sales] of byDay) {
    const [first] = sales;
    if (first) added.set(dayIndex, addSales(added.get(dayIndex) ?? emptyDay(first), sales, at));
  }
  return added;
}

function addToNewestDays(
  newest: ReadonlyMap<number, Breakdown>,
  byDay: SalesByDay,
): ReadonlyMap<number, Breakdown> {
  const indexes = [...newest.keys(), ...byDay.keys()];
  const oldest = Math.max(...indexes) - NEWEST_DAYS + 1;
  const kept = [...new Set(indexes)].filter((dayIndex) => dayIndex >= oldest);
  return new Map(
    kept.map((dayIndex) => [
      dayIndex,
      addToBreakdown(newest.get(dayIndex) ?? EMPTY_BREAKDOWN, byDay.get(dayIndex) ?? []),
    ]),
  );
}
