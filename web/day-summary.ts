import type { SaleMessage } from '../shared/api/live.ts';
import { plus, type Sums, sumsOf } from './sums.ts';

/** What one day has sold so far. */
export interface DaySummary extends Sums {
  readonly dayIndex: number;
  readonly date: string;
  /** Sales that have come, and that there are in all. */
  readonly events: number;
  readonly total: number;
  /** Sales under a promotion. */
  readonly promoted: number;
  /** When the last sale of the day came (ms, this browser's clock); null until then, and for days before this page. */
  readonly completeAt: number | null;
}

/** A day before its first sale. */
export function emptyDay({ day_index, date, day_total }: SaleMessage): DaySummary {
  return {
    units: 0,
    revenueCents: 0,
    dayIndex: day_index,
    date,
    events: 0,
    total: day_total,
    promoted: 0,
    completeAt: null,
  };
}

/** The day with some more of its sales, which arrived at a time (ms). */
export function addSales(day: DaySummary, sales: readonly SaleMessage[], at: number): DaySummary {
  const events = day.events + sales.length;
  const total = sales.at(-1)?.day_total ?? day.total;
  return {
    ...day,
    ...sales.map(sumsOf).reduce<Sums>(plus, day),
    events,
    total,
    promoted: day.promoted + sales.filter(({ is_holiday_promo }) => is_holiday_promo === 1).length,
    completeAt: day.completeAt ?? (events >= total ? at : null),
  };
}

/** Whether all sales of a day are in: only then it can be compared with another. */
export function isWhole({ events, total }: DaySummary): boolean {
  return events >= total;
}

/** A day of which one part came before this page was opened, and the other since. */
export function plusDay(before: DaySummary, since: DaySummary | undefined): DaySummary {
  if (!since) return before;
  return {
    ...since,
    ...plus(before, since),
    events: before.events + since.events,
    promoted: before.promoted + since.promoted,
  };
}
