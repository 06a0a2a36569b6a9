import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaSettingsOf } from '../../../infra/local/environment.ts';
import type { RunningServers } from '../../../infra/local/servers/managed-server.ts';
import { createTopicIfMissing } from '../../../infra/local/stores/stores.ts';
import { topic as topicOfSystem } from '../../../infra/system.ts';
import { kafkaClient } from '../../../shared/kafka/client.ts';
import { openBatchProducer } from '../../../shared/kafka/producer.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import {
  eventsOfDay,
  publishDay,
  type SaleFact,
  salesOfDates,
} from '../../../shared/publication/sale-events.ts';
import type { RunningSystem } from '../../support/system.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { datasetFile, SALES_PER_DAY, startBenchSystem } from '../bench-system.ts';
import { consumerRate } from '../peers/consumers.ts';
import { orLeftOut } from '../peers/left-out.ts';
import { loadOriginal, originalConsumerRate } from '../peers/original.ts';
import { ratioName } from '../peers/ratio.ts';
import { type Usage, usageOf, usedBetween } from '../processes.ts';
import { rawInsertRates } from '../raw-inserts.ts';
import { resetSimulation } from '../simulation-client.ts';

const EVENTS = 50_000;
const DAYS = EVENTS / SALES_PER_DAY;
const POLL_MS = 250;
const PUBLISH_WITHIN_MS = 10_000;

/** A day of the data set with its sales. */
type Day = readonly SaleFact[];

export const ingest: Bench = {
  row: 'ingest',
  what: '50,000 events that wait in Kafka into `kafka_events`, against raw multi-row inserts of the same rows and other consumers of the same events, one after the other on the same servers',
  figures: {
    rate: { what: 'the pipeline', unit: 'events/s' },
    raw: { what: 'raw inserts of 1,000 rows', unit: 'events/s' },
    rawPrepared: { what: 'raw inserts, all statements written beforehand', unit: 'events/s' },
    python: { what: 'a plain Python consumer', unit: 'events/s', optional: true },
    debezium: { what: 'Debezium’s JDBC sink, 6 tasks', unit: 'events/s', optional: true },
    original: { what: 'the original’s consumer', unit: 'events/s', optional: true },
    host: { what: 'processor for 1,000 events: host with all functions', unit: 'ms of CPU' },
    mysql: { what: 'processor for 1,000 events: MySQL', unit: 'ms of CPU' },
    dynamodb: { what: 'processor for 1,000 events: DynamoDB Local', unit: 'ms of CPU' },
    kafka: { what: 'processor for 1,000 events: Kafka', unit: 'ms of CPU' },
    share: { what: 'the pipeline, of raw inserts', unit: '%', goal: { atLeast: 40 } },
    ofPython: {
      what: 'the pipeline, of the Python consumer',
      unit: '×',
      goal: { atLeast: 1 },
      optional: true,
    },
    ofDebezium: { what: 'the pipeline, of Debezium', unit: '×', goal: { atLeast: 2 }, optional: true },
    ofOriginal: { what: 'the pipeline, of the original', unit: '×', goal: { atLeast: 12 }, optional: true },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    const days = await firstDays(system);
    return {
      async round() {
        const runId = await resetSimulation(system.url);
        await system.restart(() => preload(system, system.names.topic, runId, days));
        const used = await drain(system, context.servers, runId);
        const rate = await drainRate(system, runId);
        const events = days.flatMap((day, index) => eventsOfDay(runId, index, day));
        const { written: raw, prepared: rawPrepared } = await rawInsertRates(system.pool, events);
        const theirs = await peerRates(context, system, runId, days);
        const ratios = Object.entries(theirs).map(([name, other]) => [ratioName(name), rate / other]);
        return {
          ...used,
          rate,
          raw,
          rawPrepared,
          share: (100 * rate) / raw,
          ...theirs,
          ...Object.fromEntries(ratios),
        };
      },
      close: () => system.stop(),
    };
  },
};

async function firstDays({ pool }: RunningSystem): Promise<Day[]> {
  const sql = 'SELECT date FROM calendar ORDER BY date LIMIT ?';
  const dates = (await select<{ date: string }>(pool, sql, [DAYS])).map(({ date }) => date);
  return [...Map.groupBy(await salesOfDates(pool, dates), ({ date }) => date).values()];
}

/** Publishes as the producer does, while nobody consumes. */
async function preload(
  { addresses, names }: RunningSystem,
  topic: string,
  runId: string,
  days: Day[],
): Promise<void> {
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'bench', createLogger('bench'));
  const producer = openBatchProducer(kafka, PUBLISH_WITHIN_MS);
  for (const [dayIndex, facts] of days.entries()) {
    await publishDay(producer, topic, { runId, dayIndex, facts, traceparent: null });
  }
  await producer.close();
}

/** Events per second of each peer, by the name of its figure, on a topic that only they read. */
async function peerRates(
  { directory, peers, report }: BenchContext,
  system: RunningSystem,
  runId: string,
  days: Day[],
): Promise<Record<string, number>> {
  const { consumers, original } = peers;
  if (consumers.length === 0 && original === null) return {};
  const { addresses, names, pool } = system;
  const topic = `peers-${randomUUID()}`;
  await createTopicIfMissing(kafkaClient(kafkaSettingsOf(addresses, names), 'bench', createLogger('bench')), {
    ...topicOfSystem,
    topic,
  });
  await preload(system, topic, runId, days);
  const rates: Record<string, number> = {};
  const waiting = { addresses, database: names.database, directory, events: EVENTS, pool, topic };
  for (const consumer of consumers) {
    const rate = await orLeftOut(consumer.name, report, () => consumerRate(consumer, waiting));
    if (rate !== null) rates[consumer.name] = rate;
  }
  if (original) {
    const place = { addresses, directory, pool, dataset: await datasetFile(directory) };
    const rate = await orLeftOut('the original', report, async () => {
      await loadOriginal(original, place);
      return originalConsumerRate(original, topic, place);
    });
    if (rate !== null) rates.original = rate;
  }
  return rates;
}

interface Drained {
  readonly first: number;
  readonly last: number;
  /** Rows in the first batch. */
  readonly begin: number;
  readonly stored: number;
}

const DRAINED = `
  SELECT UNIX_TIMESTAMP(MIN(e.received_at)) AS first, UNIX_TIMESTAMP(MAX(e.received_at)) AS last,
         SUM(e.received_at = f.first) AS begin, COUNT(*) AS stored
    FROM kafka_events e JOIN (SELECT MIN(received_at) AS first FROM kafka_events WHERE run_id = ?) f
   WHERE e.run_id = ?`;

/** Waits until everything is stored. @returns processor milliseconds per 1,000 events. */
async function drain(system: RunningSystem, servers: RunningServers, runId: string): Promise<Usage> {
  const first = await untilMoreThan(system, runId, 0);
  const before = usageOf(system.pid, servers);
  await untilMoreThan(system, runId, EVENTS - 1);
  return usedBetween(before, usageOf(system.pid, servers), 1_000_000 / (EVENTS - first));
}

async function untilMoreThan({ pool }: RunningSystem, runId: string, events: number): Promise<number> {
  for (;;) {
    const sql = 'SELECT COUNT(*) AS stored FROM kafka_events WHERE run_id = ?';
    const [row] = await select<{ stored: number }>(pool, sql, [runId]);
    if (row && row.stored > events) return row.stored;
    await delay(POLL_MS);
  }
}

/** From the first batch to the last, by the server's clock, so that joining the group doesn't count. */
async function drainRate({ pool }: RunningSystem, runId: string): Promise<number> {
  const [drained] = await select<Drained>(pool, DRAINED, [runId, runId]);
  if (!drained || drained.stored !== EVENTS)
    throw new Error(`Not ${EVENTS} events: ${JSON.stringify(drained)}`);
  return (drained.stored - drained.begin) / (drained.last - drained.first);
}
