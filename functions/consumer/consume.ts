import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { openPool } from '../../shared/mysql/connection.ts';
import { createLogger, type Logger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { mysqlSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore, type SimulationStore } from '../../shared/simulation/store.ts';
import { type Batch, type Stored, storeBatch, type TracedEvent, WRITER_SESSION } from './event-writer.ts';
import { type KafkaRecord, kafkaRecord, readMessage } from './read-message.ts';

/** The event of an MSK event source: `topic-partition` → records, in the order of their offsets. */
export const kafkaEvent = z.object({ records: z.record(z.string(), z.array(kafkaRecord)) });

/** Compiled by zod at start, because it sees every message. */
const compiledKafkaEvent = z.compile(kafkaEvent, { strict: true });

/** What the consumer depends on. */
export interface ConsumerDependencies {
  /** Stores a batch in one transaction, then counts the runs and days of the events in `counted`. */
  readonly storeBatch: (batch: Batch, counted: readonly TracedEvent[]) => Promise<Stored>;
  readonly store: Pick<SimulationStore, 'raiseDaysReceived' | 'raiseHead'>;
  /** The current time, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly log: Logger;
}

/**
 * Stores delivered messages, then records the run's progress. The event is acknowledged only after both: if either fails it
 * is delivered again, and a message that is delivered twice is stored once.
 *
 * @param event The payload of the event source.
 * @throws any error that keeps a message from being stored. An unknown payload format fails too, because no message may be lost.
 */
export async function consume(dependencies: ConsumerDependencies, event: unknown): Promise<void> {
  const { records } = compiledKafkaEvent.parse(event);
  const { events, stored } = await storeRecords(dependencies, Object.values(records).flat());
  await reportProgress(dependencies, events, stored);
  logStored(dependencies.log, events, stored);
}

/**
 * The records of one transaction. A backlog is stored a tenth sooner than in transactions of 4,000, because the next records are
 * read while MySQL stores these (docs/decisions).
 */
const RECORDS_AT_ONCE = 1_000;

/**
 * Stores records in one transaction after the other. The days of all are counted after the last commit, because each of
 * them may have completed a day.
 *
 * @returns all sales among the records, and what is stored of their runs and days.
 */
async function storeRecords(
  { storeBatch, log }: ConsumerDependencies,
  records: readonly KafkaRecord[],
): Promise<{ events: readonly TracedEvent[]; stored: Stored }> {
  const read = (from: number) => readBatch(records.slice(from, from + RECORDS_AT_ONCE), log);
  let batch = read(0);
  let inserted = 0;
  const earlier: TracedEvent[] = [];
  for (let next = RECORDS_AT_ONCE; next < records.length; next += RECORDS_AT_ONCE) {
    const readNext = async () => {
      // The statements leave within this turn; only then does reading keep nobody waiting.
      await nextTurn();
      return read(next);
    };
    earlier.push(...batch.events);
    const [stored, nextBatch] = await Promise.all([storeBatch(batch, []), readNext()]);
    inserted += stored.inserted;
    batch = nextBatch;
  }
  const events = [...earlier, ...batch.events];
  const stored = await storeBatch(batch, events);
  return { events, stored: { ...stored, inserted: inserted + stored.inserted } };
}

function readBatch(records: readonly KafkaRecord[], log: Logger): Batch {
  const messages = records.map(readMessage);
  const batch = {
    events: messages.flatMap(({ sale }) => sale ?? []),
    deadLetters: messages.flatMap(({ deadLetter }) => deadLetter ?? []),
  };
  reportDeadLetters(batch, log);
  return batch;
}

/** Sends the head first, because viewers wait for it. */
async function reportProgress(
  { store, now }: ConsumerDependencies,
  events: readonly TracedEvent[],
  stored: Stored,
): Promise<void> {
  const at = now();
  const heads = stored.heads.map(({ runId, headId }) => store.raiseHead(runId, headId));
  const counts = daysToReport(events, stored).map(({ event, received }) => {
    const { run_id: runId, day_index: dayIndex, date, day_total: dayTotal } = event;
    return { runId, day: { dayIndex, date, dayTotal, received, at } };
  });
  const reports = [...Map.groupBy(counts, ({ runId }) => runId)].map(([runId, ofRun]) =>
    store.raiseDaysReceived(
      runId,
      ofRun.map(({ day }) => day),
    ),
  );
  await Promise.all([...heads, ...reports]);
}

/**
 * The days that are now complete, and the newest day of each run, whose progress people watch. Partitions are read at
 * different speeds, so a batch of a backlog may contain sales of 60 days and complete ten of them. The batch that completes
 * a day counts after its own commit, so it is the one that reports the day.
 */
function daysToReport(events: readonly TracedEvent[], { days }: Stored) {
  const byDay = new Map(events.map(({ event }) => [`${event.run_id} ${event.day_index}`, event]));
  const newest = new Map<string, number>();
  for (const { runId, dayIndex } of days) newest.set(runId, Math.max(dayIndex, newest.get(runId) ?? 0));
  return days.flatMap(({ runId, dayIndex, received }) => {
    const event = byDay.get(`${runId} ${dayIndex}`);
    if (!event) return [];
    return received >= event.day_total || newest.get(runId) === dayIndex ? [{ event, received }] : [];
  });
}

/** Logged as errors, because an alarm counts these lines and must work at any log level. */
function reportDeadLetters({ deadLetters }: Batch, log: Logger): void {
  for (const { topic, partition, offset, reason } of deadLetters) {
    log.error('message kept as a dead letter', { topic, partition, offset, reason });
  }
}

/** Logs one line per trace. */
function logStored(log: Logger, events: readonly TracedEvent[], { inserted }: Stored): void {
  const byTrace = Map.groupBy(events, ({ traceId }) => traceId);
  for (const [trace_id, ofTrace] of byTrace) {
    const days = new Set(ofTrace.map(({ event }) => event.day_index));
    log.info('sales stored', {
      trace_id,
      events: ofTrace.length,
      days: days.size,
      new_rows_of_batch: inserted,
    });
  }
}

/** The function's settings. */
export const consumerSettings = z.object({ ...mysqlSettings.shape, ...tableSettings.shape });

/** Connects the consumer to MySQL and DynamoDB. One connection is enough for one batch at a time. */
export function connectConsumer(settings: z.infer<typeof consumerSettings>): ConsumerDependencies {
  const pool = openPool(settings, {
    connectionLimit: 1,
    multipleStatements: true,
    session: WRITER_SESSION,
    metrics: createMetrics('consumer'),
  });
  return {
    storeBatch: (batch, counted) => storeBatch(pool, batch, counted),
    store: connectSimulationStore(settings),
    now: () => new Date().toISOString(),
    log: createLogger('consumer'),
  };
}
