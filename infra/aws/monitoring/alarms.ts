/** The alarms with their thresholds. */
import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { SystemFunction } from '../constructs/system-function.ts';
import type { SharedResources } from '../shared-resources.ts';
import type { ApiStack } from '../stacks/api-stack.ts';
import type { LiveStack } from '../stacks/live-stack.ts';
import type { AlarmBook } from './alarm-book.ts';
import {
  brokerDisk,
  delayMetric,
  FIVE_MINUTES,
  functionMetric,
  lagMetric,
  offlinePartitions,
  tableThrottles,
} from './metrics.ts';

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

/** The pipeline from the table's stream to MySQL. */
export function addPipelineAlarms(
  book: AlarmBook,
  { system, streaming: { access } }: SharedResources,
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
  book.add({
    name: 'dynamodb-throttles',
    section: 'dynamodb-throttles',
    meaning: 'The simulation table throttles requests.',
    metric: tableThrottles(table.tableName),
    threshold: 1,
    periods: 1,
  });
}
