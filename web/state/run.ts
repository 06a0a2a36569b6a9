import type { SaleMessage } from '../../shared/api/live.ts';
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

/** What a run had sold before the first sale that the stream delivered to this page. */
export interface History {
  readonly beforeId: number;
  readonly days: readonly DaySummary[];
  readonly breakdown: Breakdown;
}

/** Number of days whose breakdown is kept: the newest and the one before it. */
const NEWEST_DAYS = 2;

/** Adds sales that arrived at a time (ms). */
export function addToRun(run: Run, sales: readonly SaleMessage[], at: number): Run {
  const byDay = Map.groupBy(sales, ({ day_index }) => day_index);
  return {
    ...run,
    firstId: run.firstId ?? sales[0]?.id ?? null,
    days: addToDays(run.days, byDay, at),
    breakdown: addToBreakdown(run.breakdown, sales),
    newestDays: addToNewestDays(run.newestDays, byDay),
  };
}

/** Adds what was sold before this page was opened; ignores the history of another run. */
export function addHistory(run: Run, history: History): Run {
  if (run.hasHistory || run.firstId !== history.beforeId) return run;
  const days = history.days.map((day) => [day.dayIndex, plusDay(day, run.days.get(day.dayIndex))] as const);
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
