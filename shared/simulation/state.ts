/**
 * What the simulation table holds, as plain values. How it is stored is the business of `store.ts` alone.
 *
 * A day is addressed by its index in the calendar, 0 for the first; -1 stands for "before the first day".
 */

/** The one item that a click changes: where the current run stands. */
export interface SimulationState {
  readonly runId: string;
  readonly calendarId: string;
  /** Index of the day that was last accepted; -1 before the first. */
  readonly dayIndex: number;
  /** Index of the calendar's last day; -1 for an empty calendar. */
  readonly lastIndex: number;
  /** Days that can still be accepted: `lastIndex - dayIndex`. */
  readonly daysLeft: number;
  /** When the last day was accepted (ISO 8601, UTC); null before the first. */
  readonly requestedAt: string | null;
  /** W3C trace context of the click that was accepted last; null before the first. */
  readonly traceparent: string | null;
  /**
   * Runs that were replaced and are not known to be stored whole yet: run id → index of the last day they had
   * accepted. The reconciliation finishes them and takes them off.
   */
  readonly retired: Readonly<Record<string, number>>;
}

/** How far the pipeline has come with one run. */
export interface RunProgress {
  readonly runId: string;
  readonly calendarId: string;
  /** Index of the last day whose sales Kafka has acknowledged; -1 for none. */
  readonly publishedIndex: number;
  /** Greatest `kafka_events.id` of the run; 0 while it has none. */
  readonly headId: number;
}

/** How far the pipeline has come with one day of one run. */
export interface DayProgress {
  readonly dayIndex: number;
  readonly date: string;
  /** Sales of the day, as the producer counted them. */
  readonly dayTotal: number;
  /** Sales of the day that stand in `kafka_events`. */
  readonly dayReceived: number;
  /** When the click was accepted; null where a lost stream record took that knowledge along. */
  readonly requestedAt: string | null;
  /** When the publisher had learnt that the day was due; null for days that were published before that was kept. */
  readonly pickedUpAt: string | null;
  readonly publishedAt: string | null;
  /** When the reconciliation published the day again because it stayed incomplete. */
  readonly publishedAgainAt: string | null;
  readonly completedAt: string | null;
}

/** The days a run goes through. Immutable: another list is another calendar with another id. */
export interface Calendar {
  readonly id: string;
  /** Ascending, `YYYY-MM-DD`, at most `MAX_CALENDAR_DAYS`. */
  readonly dates: readonly string[];
  /** Sales per day where the data set is known (registered by the ETL), else null. */
  readonly salesPerDay: readonly number[] | null;
}

/** All that `GET /simulation/status` and the live stream need, read together. */
export interface Snapshot {
  /** Null before the first init. */
  readonly state: SimulationState | null;
  readonly calendar: Calendar | null;
  readonly progress: RunProgress | null;
  /** Progress of the state's current day; null before the first day and until the producer has seen it. */
  readonly day: DayProgress | null;
  /** What an old producer posted to `/simulation/day-total` for the current day; null if nothing. */
  readonly declaredDayTotal: number | null;
  /** True once every day of the run, the last included, stands in `kafka_events` whole. */
  readonly allDaysComplete: boolean;
}
