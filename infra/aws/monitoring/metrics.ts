/** The metrics behind alarms and dashboard. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { TopicAccess } from '../stacks/streaming-stack.ts';
import type { SystemFunction } from '../stacks/system-function.ts';

const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

/** The consumer's log message for each dead letter. A test compares it with the function's source. */
export const DEAD_LETTER_MESSAGE = 'message kept as a dead letter';

/** A metric of a function, referred to by name because it may be in any stack. */
export function functionMetric(
  { functionName }: Pick<SystemFunction, 'functionName'>,
  metricName: 'Errors' | 'Throttles' | 'Invocations' | 'Duration' | 'ConcurrentExecutions' | 'IteratorAge',
  statistic: string,
  period = FIVE_MINUTES,
): Metric {
  const dimensionsMap = { FunctionName: functionName };
  return new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap, statistic, period });
}

/** Messages that the group has not committed, over all partitions. */
export function lagMetric(access: TopicAccess, consumerGroup: string): Metric {
  return groupMetric(access, consumerGroup, 'SumOffsetLag');
}

/** How far the slowest partition is behind, in seconds. */
export function delayMetric(access: TopicAccess, consumerGroup: string): Metric {
  return groupMetric(access, consumerGroup, 'EstimatedMaxTimeLag');
}

function groupMetric(
  { clusterName, topicName }: TopicAccess,
  consumerGroup: string,
  metricName: string,
): Metric {
  return new Metric({
    namespace: 'AWS/Kafka',
    metricName,
    dimensionsMap: { 'Cluster Name': clusterName, 'Consumer Group': consumerGroup, Topic: topicName },
    statistic: Stats.MAXIMUM,
    period: MINUTE,
  });
}

/** Partitions without a leader. */
export function offlinePartitions({ clusterName }: TopicAccess): Metric {
  return new Metric({
    namespace: 'AWS/Kafka',
    metricName: 'OfflinePartitionsCount',
    dimensionsMap: { 'Cluster Name': clusterName },
    statistic: Stats.MAXIMUM,
    period: MINUTE,
  });
}

/** Used space of the fullest broker's volume, in percent. */
export function brokerDisk(access: TopicAccess): MathExpression {
  return overBrokers(access, {
    metricName: 'KafkaDataLogsDiskUsed',
    statistic: Stats.MAXIMUM,
    label: 'fullest broker',
    combine: (brokers) => `MAX(${brokers})`,
  });
}

/** Used processor time of the busiest broker, in percent. */
export function brokerCpu(access: TopicAccess): MathExpression {
  return overBrokers(access, {
    metricName: 'CpuIdle',
    statistic: Stats.AVERAGE,
    label: 'busiest broker',
    combine: (brokers) => `100 - MIN(${brokers})`,
  });
}

/** Copies of partitions that are missing or behind, over all brokers. */
export function underReplicatedPartitions(access: TopicAccess): MathExpression {
  return overBrokers(access, {
    metricName: 'UnderReplicatedPartitions',
    statistic: Stats.MAXIMUM,
    label: 'under-replicated partitions',
    combine: (brokers) => `SUM(${brokers})`,
  });
}

interface BrokerFigure {
  readonly metricName: string;
  readonly statistic: string;
  readonly label: string;
  /** An expression of the list of the brokers' values. */
  readonly combine: (brokers: string) => string;
}

/** Combines the values of a metric that MSK publishes for each broker. An alarm accepts at most ten of them. */
function overBrokers(
  { clusterName, brokerCount }: TopicAccess,
  { metricName, statistic, label, combine }: BrokerFigure,
): MathExpression {
  const ids = Array.from({ length: brokerCount }, (_, index) => String(index + 1));
  const usingMetrics = Object.fromEntries(
    ids.map((id) => [
      `broker${id}`,
      new Metric({
        namespace: 'AWS/Kafka',
        metricName,
        dimensionsMap: { 'Cluster Name': clusterName, 'Broker ID': id },
        statistic,
        period: FIVE_MINUTES,
      }),
    ]),
  );
  const expression = combine(`[${Object.keys(usingMetrics).join(', ')}]`);
  return new MathExpression({ expression, usingMetrics, label, period: FIVE_MINUTES });
}

/** Invocations of a function that succeeded. Without an invocation there is no data. */
export function successes(
  each: Pick<SystemFunction, 'name' | 'functionName'>,
  period: Duration,
): MathExpression {
  return new MathExpression({
    expression: 'invocations - errors',
    usingMetrics: {
      invocations: functionMetric(each, 'Invocations', Stats.SUM, period),
      errors: functionMetric(each, 'Errors', Stats.SUM, period),
    },
    label: `successful invocations of ${each.name}`,
    period,
  });
}

/** Concurrent executions of all functions of the account without a reservation. */
export function unreservedConcurrency(): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'UnreservedConcurrentExecutions',
    statistic: Stats.MAXIMUM,
    period: MINUTE,
  });
}

/** Throttled requests of the simulation table. */
export function tableThrottles(tableName: string): MathExpression {
  const of = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: tableName },
      statistic: Stats.SUM,
      period: FIVE_MINUTES,
    });
  return new MathExpression({
    expression: 'FILL(reads, 0) + FILL(writes, 0)',
    usingMetrics: { reads: of('ReadThrottleEvents'), writes: of('WriteThrottleEvents') },
    label: 'throttled requests',
    period: FIVE_MINUTES,
  });
}

/** Counts dead letters in the consumer's log. */
export function deadLetterMetric(scope: Construct, consumer: SystemFunction, namespace: string): Metric {
  const filter = new MetricFilter(scope, 'DeadLetters', {
    logGroup: LogGroup.fromLogGroupName(scope, 'ConsumerLog', `/aws/lambda/${consumer.functionName}`),
    filterPattern: FilterPattern.stringValue('$.message', '=', DEAD_LETTER_MESSAGE),
    metricNamespace: namespace,
    metricName: 'DeadLetters',
    metricValue: '1',
  });
  return filter.metric({ statistic: Stats.SUM, period: FIVE_MINUTES });
}
