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
  /** When the publisher found that the day was due; null for days from before this was recorded. */
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
