/** The metrics behind alarms and dashboard. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { SystemFunction } from '../constructs/system-function.ts';
import type { TopicAccess } from '../stacks/streaming-stack.ts';

const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

/** The consumer's log message for each dead letter. A test compares it with the function's source. */
export const DEAD_LETTER_MESSAGE = 'message kept as a dead letter';

/** A metric of a function, referred to by name because it may be in any stack. */
export function functionMetric(
  { functionName }: SystemFunction,
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
export function brokerDisk({ clusterName, brokerCount }: TopicAccess): MathExpression {
  const ids = Array.from({ length: brokerCount }, (_, index) => String(index + 1));
  const usingMetrics = Object.fromEntries(
    ids.map((id) => [
      `broker${id}`,
      new Metric({
        namespace: 'AWS/Kafka',
        metricName: 'KafkaDataLogsDiskUsed',
        dimensionsMap: { 'Cluster Name': clusterName, 'Broker ID': id },
        statistic: Stats.MAXIMUM,
        period: FIVE_MINUTES,
      }),
    ]),
  );
  return new MathExpression({
    expression: `MAX([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    label: 'fullest broker',
    period: FIVE_MINUTES,
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
