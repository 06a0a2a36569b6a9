import type { StatusMessage } from '../../shared/api/live.ts';
import type { RecentSale } from '../../shared/api/sales.ts';
import { type PageState, shownDay } from './state.ts';
import { type Breakdown, type DaySummary, EMPTY_BREAKDOWN, isComplete } from './sums.ts';

/** A past day that this page looks at while the run goes on. */
export interface PastDay {
  readonly dayIndex: number;
  /** Its sales, newest first, and their sums; null until they are known. */
  readonly sales: readonly RecentSale[] | null;
  readonly breakdown: Breakdown;
}

/** What the panels of one day are about. */
export interface Looking {
  /** Null before the first day, and until the days before this page was opened are known. */
  readonly day: DaySummary | null;
  /** Sums of that day alone. */
  readonly breakdown: Breakdown;
  /** Whether it is a past day that was chosen, not the newest. */
  readonly isPast: boolean;
}

/** The index of the day that an address names, if it has been played; otherwise null: the run is followed. */
export function pastDayIndex(
  day: number | null,
  { status }: { readonly status: Pick<StatusMessage, 'day_index'> | null },
): number | null {
  return day !== null && status !== null && day <= status.day_index + 1 ? day - 1 : null;
}

/** The day that the page shows: a past one, or else the newest. */
export function lookingAt(state: PageState, past: PastDay | null): Looking {
  if (past) {
    return { day: state.run.days.get(past.dayIndex) ?? null, breakdown: past.breakdown, isPast: true };
  }
  const day = shownDay(state);
  const breakdown = state.run.newestDays.get(day?.dayIndex ?? -1) ?? EMPTY_BREAKDOWN;
  return { day, breakdown, isPast: false };
}

/**
 * The number (1 for the first) of the day before or after the shown one, as far as it has been played.
 *
 * @returns Null if that is the run's own day, which is followed; `none` if there is no such day.
 */
export function dayAfter(
  { day, isPast }: Looking,
  days: -1 | 1,
  status: Pick<StatusMessage, 'day_index'> | null,
): number | null | 'none' {
  if (!day || !status || (days > 0 && !isPast)) return 'none';
  const to = day.dayIndex + days;
  if (to < 0) return 'none';
  return to >= status.day_index ? null : to + 1;
}

/** The number (1 for the first) of the day whose insights are shown: that day, once it is complete, or else the one before it. */
export function insightDay({ day }: Looking): number | null {
  if (!day) return null;
  const number = isComplete(day) ? day.dayIndex + 1 : day.dayIndex;
  return number >= 1 ? number : null;
}
