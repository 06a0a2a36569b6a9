/** The alarms with their thresholds. */
import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { EventSources } from '../../system-description.ts';
import type { ApiStack } from '../stacks/api-stack.ts';
import type { LiveStack } from '../stacks/function-stack.ts';
import type { SharedResources } from '../stacks/shared-resources.ts';
import type { StreamingStack } from '../stacks/streaming-stack.ts';
import type { SystemFunction } from '../stacks/system-function.ts';
import type { AlarmBook } from './alarm-book.ts';
import {
  brokerCpu,
  brokerDisk,
  delayMetric,
  FIVE_MINUTES,
  functionMetric,
  lagMetric,
  offlinePartitions,
  successes,
  tableThrottles,
  underReplicatedPartitions,
  unreservedConcurrency,
} from './metrics.ts';

const MEGABYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;

/** Messages: ten days of the simulation. */
const LAG = 1_000;

/** Errors and throttles of every function. Functions whose event sources retry without limit may fail occasionally. */
export function addFunctionAlarms(
  book: AlarmBook,
  functions: Iterable<SystemFunction>,
  retried: ReadonlySet<string | undefined>,
): void {
  for (const each of functions) {
    book.add({
      name: `${each.name}-errors`,
      section: 'function-errors',
      meaning: `Invocations of ${each.name} fail.`,
      metric: functionMetric(each, 'Errors', Stats.SUM),
      threshold: retried.has(each.name) ? 3 : 1,
      periods: 1,
    });
    book.add({
      name: `${each.name}-throttles`,
      section: 'function-throttles',
      meaning: `Invocations of ${each.name} are throttled for lack of concurrency.`,
      metric: functionMetric(each, 'Throttles', Stats.SUM),
      threshold: 5,
      periods: 1,
    });
  }
}

/** How long a scheduled function may be silent. */
const SILENCE_MINUTES = 15;

/** Dead man's switches: each scheduled function must succeed now and then, so silence raises the alarm. */
export function addScheduleAlarms(
  book: AlarmBook,
  schedules: EventSources['schedules'],
  functions: ReadonlyMap<string, SystemFunction>,
): void {
  for (const { function: name, everyMinutes } of schedules) {
    const scheduled = functions.get(name);
    if (!scheduled) continue;
    const periods = Math.max(1, Math.ceil(SILENCE_MINUTES / everyMinutes));
    book.add({
      name: `${name}-stopped`,
      section: 'schedule-stopped',
      meaning: `${name} has not succeeded for ${periods * everyMinutes} minutes.`,
      metric: successes(scheduled, Duration.minutes(everyMinutes)),
      threshold: 1,
      below: true,
      periods,
      alarmsWhenSilent: true,
    });
  }
}

/** AWS keeps at least 100 executions of an account unreserved, which all functions without a reservation share. */
const UNRESERVED = 100;

/** What the stage shares with everything else in its account and region. */
export function addAccountAlarms(book: AlarmBook): void {
  book.add({
    name: 'account-concurrency',
    section: 'account-concurrency',
    meaning: `Four fifths of the ${UNRESERVED} executions that AWS keeps unreserved are in use.`,
    metric: unreservedConcurrency(),
    threshold: UNRESERVED * 0.8,
    periods: 3,
  });
}

/** The pipeline from the table's stream to MySQL. */
export function addPipelineAlarms(
  book: AlarmBook,
  { system, streaming: { access } }: SharedResources & { readonly streaming: StreamingStack },
  functions: ReadonlyMap<string, SystemFunction>,
): void {
  const { stream, topic } = system.eventSources;
  const producer = stream && functions.get(stream.function);
  if (producer) {
    book.add({
      name: 'iterator-age',
      section: 'iterator-age',
      meaning: 'Accepted days wait for more than a minute to be published.',
      metric: functionMetric(producer, 'IteratorAge', Stats.MAXIMUM, Duration.minutes(1)),
      threshold: 60_000,
      periods: 3,
    });
  }
  if (topic) {
    book.add({
      name: 'consumer-lag',
      section: 'consumer-lag',
      meaning: `More than ${LAG} published sales have not been stored for five minutes.`,
      metric: lagMetric(access, topic.consumerGroup),
      threshold: LAG,
      periods: 5,
    });
    book.add({
      name: 'consumer-delay',
      section: 'consumer-lag',
      meaning: 'Published sales have been waiting for five minutes to be stored.',
      metric: delayMetric(access, topic.consumerGroup),
      threshold: 300,
      periods: 3,
    });
  }
  book.add({
    name: 'kafka-offline-partitions',
    section: 'kafka-offline-partitions',
    meaning: 'Partitions have no leader: they can be neither written nor read.',
    metric: offlinePartitions(access),
    threshold: 1,
    periods: 3,
  });
  book.add({
    name: 'kafka-storage',
    section: 'kafka-storage',
    meaning: "A broker's volume is 80 % full.",
    metric: brokerDisk(access),
    threshold: 80,
    periods: 1,
  });
  book.add({
    name: 'kafka-cpu',
    section: 'kafka-cpu',
    meaning: 'A broker has used 60 % of its processors for a quarter of an hour.',
    metric: brokerCpu(access),
    // AWS recommends to stay below it, so that the others can take over from a failed broker.
    threshold: 60,
    periods: 3,
  });
  book.add({
    name: 'kafka-under-replicated-partitions',
    section: 'kafka-under-replicated-partitions',
    meaning: 'Partitions have had fewer copies than configured for half an hour.',
    metric: underReplicatedPartitions(access),
    threshold: 1,
    // AWS patches brokers one after another, each within minutes.
    periods: 6,
  });
}

/** What callers notice. */
export function addRequestAlarms(
  book: AlarmBook,
  { stage }: SharedResources,
  { api, live }: { api: ApiStack; live: LiveStack },
): void {
  book.add({
    name: 'api-errors',
    section: 'api-errors',
    meaning: 'The HTTP API responds with server errors (5xx).',
    metric: api.apiStage.metricServerError({ statistic: Stats.SUM, period: FIVE_MINUTES }),
    threshold: 5,
    periods: 1,
  });
  book.add({
    name: 'api-latency',
    section: 'api-latency',
    meaning: 'One in a hundred requests of the HTTP API takes more than 3 s.',
    metric: api.apiStage.metricLatency({ statistic: Stats.percentile(99), period: FIVE_MINUTES }),
    threshold: 3_000,
    periods: 3,
  });
  book.add({
    name: 'stream-duration',
    section: 'stream-duration',
    meaning: 'Streams last longer than configured, and every second of them is billed.',
    metric: functionMetric(live.live, 'Duration', Stats.MAXIMUM),
    threshold: (stage.stream.lifetimeSeconds + 15) * 1_000,
    periods: 1,
  });
  book.add({
    name: 'viewers',
    section: 'viewers',
    meaning: 'Four fifths of the streams that the stage allows are in use.',
    metric: functionMetric(live.live, 'ConcurrentExecutions', Stats.MAXIMUM),
    threshold: Math.ceil(stage.stream.maxViewers * 0.8),
    periods: 1,
  });
}

/** MySQL and DynamoDB. */
export function addStorageAlarms(book: AlarmBook, { storage, stage }: SharedResources): void {
  const { database, table } = storage;
  const { maxConnections, storageGb } = stage.mysql;
  book.add({
    name: 'mysql-connections',
    section: 'mysql-connections',
    meaning: 'Four fifths of the connections that MySQL accepts are open.',
    metric: database.metricDatabaseConnections({ statistic: Stats.MAXIMUM, period: FIVE_MINUTES }),
    threshold: Math.floor(maxConnections * 0.8),
    periods: 1,
  });
  book.add({
    name: 'mysql-cpu',
    section: 'mysql-cpu',
    meaning: 'MySQL has used 80 % of its processors for a quarter of an hour.',
    metric: database.metricCPUUtilization({ statistic: Stats.AVERAGE, period: FIVE_MINUTES }),
    threshold: 80,
    periods: 3,
  });
  book.add({
    name: 'mysql-storage',
    section: 'mysql-storage',
    meaning: 'MySQL has less free storage than 15 % of its initial volume.',
    metric: database.metricFreeStorageSpace({ statistic: Stats.MINIMUM, period: FIVE_MINUTES }),
    threshold: Math.round(storageGb * GIGABYTE * 0.15),
    below: true,
    periods: 1,
  });
  addMemoryAlarms(book, database);
  if (isBurstable(stage.mysql.instanceSize)) addCreditAlarm(book, database);
  book.add({
    name: 'dynamodb-throttles',
    section: 'dynamodb-throttles',
    meaning: 'The simulation table throttles requests.',
    metric: tableThrottles(table.tableName),
    threshold: 1,
    periods: 1,
  });
}

/** Less free memory than this, and MySQL is about to swap or to be killed, whatever the instance's size. */
const LITTLE_MEMORY = 50 * MEGABYTE;
/** MySQL swaps out a few idle pages even if it has enough memory. */
const MUCH_SWAP = 256 * MEGABYTE;

function addMemoryAlarms(book: AlarmBook, database: DatabaseInstance): void {
  book.add({
    name: 'mysql-memory',
    section: 'mysql-memory',
    meaning: 'MySQL has had less than 50 MB of free memory for a quarter of an hour.',
    metric: database.metricFreeableMemory({ statistic: Stats.MINIMUM, period: FIVE_MINUTES }),
    threshold: LITTLE_MEMORY,
    below: true,
    periods: 3,
  });
  book.add({
    name: 'mysql-swap',
    section: 'mysql-memory',
    meaning: 'MySQL has swapped out more than 256 MB for a quarter of an hour.',
    metric: database.metric('SwapUsage', { statistic: Stats.MAXIMUM, period: FIVE_MINUTES }),
    threshold: MUCH_SWAP,
    periods: 3,
  });
}

/** Half of what the smallest burstable instance earns in a day. Credits beyond a day's are charged. */
const BORROWED_CREDITS = 144;

/**
 * RDS lets burstable instances borrow credits instead of slowing them down. Their balance says little: a new instance
 * begins with none.
 */
function addCreditAlarm(book: AlarmBook, database: DatabaseInstance): void {
  book.add({
    name: 'mysql-credits',
    section: 'mysql-processor-credits',
    meaning: 'MySQL has borrowed half a day of processor credits; a full day is charged.',
    metric: database.metric('CPUSurplusCreditBalance', { statistic: Stats.MAXIMUM, period: FIVE_MINUTES }),
    threshold: BORROWED_CREDITS,
    periods: 1,
  });
}

function isBurstable(instanceSize: string): boolean {
  return instanceSize.startsWith('t');
}
