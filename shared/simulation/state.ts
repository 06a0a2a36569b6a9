import { HttpProblem } from '../api/errors.ts';
import type { SimulationStatus } from '../api/simulation.ts';

/**
 * The contents of the simulation table as plain values; only `store.ts` and what it imports know how they are stored.
 *
 * A day is addressed by its index in the calendar, from 0; -1 means "before the first day".
 */

/** The current run and its position: the one item that an advance changes. */
export interface SimulationState {
  readonly runId: string;
  readonly calendarId: string;
  /** Index of the last accepted day; -1 before the first. */
  readonly dayIndex: number;
  /** Index of the calendar's last day; -1 for an empty calendar. */
  readonly lastIndex: number;
  /** Days that can still be accepted: `lastIndex - dayIndex`. */
  readonly daysLeft: number;
  /** When the last day was accepted (ISO 8601, UTC); null before the first. */
  readonly requestedAt: string | null;
  /** W3C trace context of the last accepted request; null before the first. */
  readonly traceparent: string | null;
  /**
   * Replaced runs that may not be stored completely yet: run id → index of the last day they had accepted. The
   * reconciliation completes and removes them.
   */
  readonly retired: Readonly<Record<string, number>>;
}

/** The pipeline's progress with one run. */
export interface RunProgress {
  readonly runId: string;
  readonly calendarId: string;
  /** Index of the last day whose sales Kafka has acknowledged; -1 for none. */
  readonly publishedIndex: number;
  /** The run's greatest `kafka_events.id`; 0 if it has none. */
  readonly headId: number;
}

/** The pipeline's progress with one day of one run. */
export interface DayProgress {
  readonly dayIndex: number;
  readonly date: string;
  /** The day's number of sales, counted by the publisher. */
  readonly dayTotal: number;
  /** How many of them are in `kafka_events`. */
  readonly dayReceived: number;
  /** When the day was accepted; null if that was lost with a stream record. */
  readonly requestedAt: string | null;
  /** When the publisher found that the day was due; null for days that predate this field. */
  readonly pickedUpAt: string | null;
  readonly publishedAt: string | null;
  /** When the reconciliation last published the day again because it stayed incomplete. */
  readonly publishedAgainAt: string | null;
  readonly completedAt: string | null;
}

/** The days of a run. Immutable: another list is another calendar with another id. */
export interface Calendar {
  readonly id: string;
  /** Ascending, `YYYY-MM-DD`, at most `MAX_CALENDAR_DAYS`. */
  readonly dates: readonly string[];
  /** Sales per day if the ETL registered the calendar, else null. */
  readonly salesPerDay: readonly number[] | null;
}

/** Everything that `GET /simulation/status` and the live stream need, read together. */
export interface Snapshot {
  /** Null before the first init. */
  readonly state: SimulationState | null;
  readonly calendar: Calendar | null;
  readonly progress: RunProgress | null;
  /** Progress of the current day; null before the first day, and until the producer has published it. */
  readonly day: DayProgress | null;
  /** The total that a client posted to `/simulation/day-total` for the current day; null if none did. */
  readonly declaredDayTotal: number | null;
  /** Whether every day of the run, including the last, is completely in `kafka_events`. */
  readonly allDaysComplete: boolean;
}

/** Derives the status that clients see from what the stores hold. */
export function simulationStatus(snapshot: Snapshot): SimulationStatus {
  const { state, calendar, day } = snapshot;
  const dayIndex = state?.dayIndex ?? -1;
  const received = day?.dayReceived ?? 0;
  const total = dayTotal(snapshot, dayIndex);
  return {
    current_day: calendar?.dates[dayIndex] ?? null,
    day_index: dayIndex,
    total_days: calendar?.dates.length ?? 0,
    day_total: total,
    day_received: received,
    is_running: dayIndex >= 0,
    is_complete: dayIndex >= 0 && state?.daysLeft === 0 && snapshot.allDaysComplete,
    progress_pct: progressPercent(received, total),
    run_id: state?.runId ?? null,
  };
}

/** The publisher's count if it is known, else a posted total, else the calendar's expectation. */
function dayTotal({ day, declaredDayTotal, calendar }: Snapshot, dayIndex: number): number {
  return day?.dayTotal ?? declaredDayTotal ?? calendar?.salesPerDay?.[dayIndex] ?? 0;
}

function progressPercent(received: number, total: number): number {
  if (total <= 0) return 0;
  return Math.min(100, Math.round((received / total) * 1000) / 10);
}

/**
 * The index of a day of the current run.
 *
 * @param day 1 for the first; undefined for no day in particular.
 * @returns undefined if no day was asked for.
 * @throws HttpProblem `invalid_day` if the run's calendar has no such day. A day that hasn't been played yet is valid: it has no sales.
 */
export function dayIndexOf(state: SimulationState | null, day: number | undefined): number | undefined {
  if (day === undefined) return undefined;
  const days = (state?.lastIndex ?? -1) + 1;
  if (day >= 1 && day <= days) return day - 1;
  const reason = days > 0 ? `the run has days 1 to ${days}` : 'the simulation has not been initialized';
  throw new HttpProblem('invalid_day', `day ${day} is out of range: ${reason}.`);
}
