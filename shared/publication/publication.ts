import { knowsRun } from '../simulation/runs.ts';
import type { DayProgress } from '../simulation/state.ts';
import type { SimulationStore } from '../simulation/store.ts';
import type { DayToPublish, SaleFact } from './sale-events.ts';

/**
 * The outbox. A click is accepted by one update of the state; its stream record is only the trigger. What is due is told
 * by the run's `publishedIndex` alone: every day behind it, up to the day that was accepted. So a lost record or a crash
 * leaves a gap that the next record heals, or the reconciliation, which needs none.
 *
 * Published twice is published once: an event's id is a function of what it says (shared/publication/sale-events.ts). Order per key
 * holds with several publishers at work, because nobody publishes a day before all earlier days are acknowledged.
 */

/** The dependencies of a publication. */
export interface PublicationDependencies {
  readonly store: Pick<
    SimulationStore,
    'readState' | 'readProgress' | 'readCalendar' | 'recordPublishedDay' | 'raisePublishedIndex'
  >;
  /** The sales of some dates, by date. */
  readonly salesOfDates: (dates: readonly string[]) => Promise<SaleFact[]>;
  /** Resolves when Kafka has acknowledged the day's sales. */
  readonly publishDay: (day: DayToPublish) => Promise<void>;
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
}

/** What is known of the clicks that accepted days; a day whose stream record was lost isn't in it. */
export type RequestsByDay = ReadonlyMap<
  number,
  { readonly requestedAt: string; readonly traceparent: string }
>;

/** Days that are read from MySQL at once and recorded together. */
const CHUNK_DAYS = 20;

/**
 * Publishes every due day of a run, in order.
 *
 * @param acceptedIndex The last day the run has accepted.
 * @returns the number of days published.
 */
export async function publishDue(
  dependencies: PublicationDependencies,
  runId: string,
  acceptedIndex: number,
  clicks: RequestsByDay = new Map(),
): Promise<number> {
  const pickedUpAt = dependencies.now();
  const progress = await dependencies.store.readProgress(runId);
  if (!progress) return withoutProgress(dependencies, runId);
  const due = range(progress.publishedIndex + 1, acceptedIndex);
  if (due.length === 0) return 0;
  const { dates } = await dependencies.store.readCalendar(progress.calendarId);
  for (const days of chunks(due, CHUNK_DAYS)) {
    await publishDays(dependencies, { runId, pickedUpAt, clicks }, days, dates);
    await dependencies.store.raisePublishedIndex(runId, days.at(-1) ?? acceptedIndex);
  }
  return due.length;
}

/** A run that was let go of has been stored whole; one that is still known must have its progress. */
async function withoutProgress({ store }: PublicationDependencies, runId: string): Promise<0> {
  if (!knowsRun(await store.readState(), runId)) return 0;
  throw new Error(`The progress of run ${runId} is missing from the simulation table; reset the simulation.`);
}

/** Publishes days of a run that were published before but have not all arrived. */
export async function publishAgain(
  dependencies: PublicationDependencies,
  runId: string,
  incomplete: readonly DayProgress[],
): Promise<void> {
  const progress = await dependencies.store.readProgress(runId);
  if (!progress || incomplete.length === 0) return;
  const { dates } = await dependencies.store.readCalendar(progress.calendarId);
  const days = incomplete.map(({ dayIndex }) => dayIndex);
  const occasion = { runId, pickedUpAt: dependencies.now(), clicks: new Map() };
  for (const chunk of chunks(days, CHUNK_DAYS)) await publishDays(dependencies, occasion, chunk, dates);
}

/** What days are published for: their run, when that was found due, and what is known of their clicks. */
interface Occasion {
  readonly runId: string;
  readonly pickedUpAt: string;
  readonly clicks: RequestsByDay;
}

/** Publishes some days one after the other, then records them. */
async function publishDays(
  dependencies: PublicationDependencies,
  { runId, pickedUpAt, clicks }: Occasion,
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
    const click = clicks.get(dayIndex);
    await dependencies.publishDay({ runId, dayIndex, facts: ofDay, traceparent: click?.traceparent ?? null });
    const requestedAt = click?.requestedAt ?? null;
    const publishedAt = dependencies.now();
    records.push({ dayIndex, date, dayTotal: ofDay.length, pickedUpAt, publishedAt, requestedAt });
  }
  await Promise.all(records.map((record) => dependencies.store.recordPublishedDay(runId, record)));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
}

function chunks<Element>(list: readonly Element[], size: number): Element[][] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size));
}
