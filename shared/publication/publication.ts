import { knowsRun } from '../simulation/runs.ts';
import type { DayProgress } from '../simulation/state.ts';
import type { SimulationStore } from '../simulation/store.ts';
import type { DayToPublish, SaleFact } from './sale-events.ts';

/**
 * The transactional outbox. One update of the state accepts a request to advance; its stream record is only a trigger. What is
 * due follows from the run's `publishedIndex` alone: every later day, up to the accepted one. So a lost record or a crash
 * leaves a gap that the next record closes, or the reconciliation, which needs no record.
 *
 * Publishing twice has the effect of publishing once, because an event's id is derived from its content
 * (shared/publication/sale-events.ts). Events of one key stay in order even with concurrent publishers, because none publishes
 * a day before all earlier days are acknowledged.
 */

/** What a publication depends on. */
export interface PublicationDependencies {
  readonly store: Pick<
    SimulationStore,
    'readState' | 'readProgress' | 'readCalendar' | 'recordPublishedDay' | 'raisePublishedIndex'
  >;
  /** Reads the sales of some dates, in the order of the dates. */
  readonly salesOfDates: (dates: readonly string[]) => Promise<SaleFact[]>;
  /** Resolves once Kafka has acknowledged the day's sales. */
  readonly publishDay: (day: DayToPublish) => Promise<void>;
  /** The current time, ISO 8601 in UTC. */
  readonly now: () => string;
}

/** The request that accepted each day, by day index. A day whose stream record was lost is missing. */
export type RequestsByDay = ReadonlyMap<
  number,
  { readonly requestedAt: string; readonly traceparent: string }
>;

/** Days read from MySQL in one query and recorded together: this many, or fewer if they have more sales than that. */
const CHUNK_DAYS = 20;
const CHUNK_SALES = 20_000;

/**
 * Publishes every due day of a run, in order.
 *
 * @param acceptedIndex Index of the last day that the run has accepted.
 * @returns the number of days published.
 * @throws PublishError if Kafka doesn't acknowledge a day; all days before it count as published.
 */
export async function publishDue(
  dependencies: PublicationDependencies,
  runId: string,
  acceptedIndex: number,
  requests: RequestsByDay = new Map(),
): Promise<number> {
  const pickedUpAt = dependencies.now();
  const progress = await dependencies.store.readProgress(runId);
  if (!progress) return withoutProgress(dependencies, runId);
  const due = range(progress.publishedIndex + 1, acceptedIndex);
  if (due.length === 0) return 0;
  const { dates, salesPerDay } = await dependencies.store.readCalendar(progress.calendarId);
  for (const days of chunks(due, salesPerDay)) {
    await publishDays(dependencies, { runId, pickedUpAt, requests }, days, dates);
    await dependencies.store.raisePublishedIndex(runId, days.at(-1) ?? acceptedIndex);
  }
  return due.length;
}

/** A retired run is stored completely; a run that the state still knows must have a progress item. */
async function withoutProgress({ store }: PublicationDependencies, runId: string): Promise<0> {
  if (!knowsRun(await store.readState(), runId)) return 0;
  throw new Error(`The progress of run ${runId} is missing from the simulation table; reset the simulation.`);
}

/** Publishes days of a run again, because not all of their sales have arrived. */
export async function publishAgain(
  dependencies: PublicationDependencies,
  runId: string,
  incomplete: readonly DayProgress[],
): Promise<void> {
  const progress = await dependencies.store.readProgress(runId);
  if (!progress || incomplete.length === 0) return;
  const { dates, salesPerDay } = await dependencies.store.readCalendar(progress.calendarId);
  const days = incomplete.map(({ dayIndex }) => dayIndex);
  const context = { runId, pickedUpAt: dependencies.now(), requests: new Map() };
  for (const chunk of chunks(days, salesPerDay)) await publishDays(dependencies, context, chunk, dates);
}

/** The run whose days are published, when they were found to be due, and the requests that accepted them. */
interface PublicationContext {
  readonly runId: string;
  readonly pickedUpAt: string;
  readonly requests: RequestsByDay;
}

/** Publishes days one after the other, then records them. */
async function publishDays(
  dependencies: PublicationDependencies,
  { runId, pickedUpAt, requests }: PublicationContext,
  days: readonly number[],
  dates: readonly string[],
): Promise<void> {
  const wanted = days.flatMap((dayIndex) => dates[dayIndex] ?? []);
  const facts = Map.groupBy(await dependencies.salesOfDates(wanted), ({ date }) => date);
  const records = [];
  for (const dayIndex of days) {
    const date = dates[dayIndex];
    if (date === undefined) throw new RangeError(`Day ${dayIndex} of run ${runId} is not in its calendar.`);
    const ofDay = facts.get(date) ?? [];
    const request = requests.get(dayIndex);
    await dependencies.publishDay({
      runId,
      dayIndex,
      facts: ofDay,
      traceparent: request?.traceparent ?? null,
    });
    const requestedAt = request?.requestedAt ?? null;
    const publishedAt = dependencies.now();
    records.push({ dayIndex, date, dayTotal: ofDay.length, pickedUpAt, publishedAt, requestedAt });
  }
  await Promise.all(records.map((record) => dependencies.store.recordPublishedDay(runId, record)));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
}

/** Divides days into chunks. @param salesPerDay By day index; null if the calendar doesn't have the counts: then each day is a chunk of its own. */
function chunks(days: readonly number[], salesPerDay: readonly number[] | null): number[][] {
  const result: number[][] = [];
  let chunk: number[] = [];
  let sales = 0;
  for (const day of days) {
    const ofDay = salesPerDay?.[day] ?? CHUNK_SALES;
    sales += ofDay;
    if (chunk.length === 0 || chunk.length === CHUNK_DAYS || sales > CHUNK_SALES) {
      chunk = [];
      sales = ofDay;
      result.push(chunk);
    }
    chunk.push(day);
  }
  return result;
}
