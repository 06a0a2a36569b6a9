import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ApiStack } from '../stacks/api-stack.ts';
import type { LiveStack } from '../stacks/function-stack.ts';
import type { SharedResources } from '../stacks/shared-resources.ts';
import type { StreamingStack } from '../stacks/streaming-stack.ts';
import type { SystemFunction } from '../stacks/system-function.ts';
import { globalName, type SystemStack } from '../system-stack.ts';
import type { AlarmBook } from './alarm-book.ts';
import { brokerDisk, delayMetric, functionMetric, lagMetric, tableThrottles } from './metrics.ts';

const MINUTE = Duration.minutes(1);
const THIRD = 8;

export interface DashboardContent {
  readonly resources: SharedResources & { readonly streaming: StreamingStack };
  readonly functions: readonly SystemFunction[];
  readonly api: ApiStack;
  readonly live: LiveStack;
  readonly deadLetters: IMetric | undefined;
  readonly book: AlarmBook;
}

/** One page with alarms, the pipeline's progress, requests, functions and servers. */
export function addDashboard(scope: SystemStack, content: DashboardContent): Dashboard {
  const dashboard = new Dashboard(scope, 'Dashboard', {
    dashboardName: globalName(scope.stage, 'dashboard'),
  });
  const rows = [
    overview(content),
    pipeline(content),
    requests(content),
    functions(content),
    servers(content),
  ];
  dashboard.addWidgets(...rows.flat());
  return dashboard;
}

function graph(title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, width: THIRD, height: 6, left: [...left], right: [...right] });
}

function overview({ book, resources }: DashboardContent): IWidget[] {
  const markdown = `# Retail Time Machine, ${resources.stage.name}\nHow to handle an alarm: ${resources.stage.operationsUrl}`;
  return [
    new TextWidget({ markdown, width: 24, height: 2 }),
    new AlarmStatusWidget({ title: 'Alarms', alarms: [...book.alarms], width: 24, height: 6 }),
  ];
}

function pipeline({ resources, functions: all, deadLetters }: DashboardContent): IWidget[] {
  const { stream, topic } = resources.system.eventSources;
  const { access } = resources.streaming;
  const producer = all.find(({ name }) => name === stream?.function);
  const lag = topic ? lagMetric(access, topic.consumerGroup) : undefined;
  const delay = topic ? delayMetric(access, topic.consumerGroup) : undefined;
  return [
    graph('Sales published, not stored', lag ? [lag] : [], delay ? [delay] : []),
    graph(
      'Days accepted, not published',
      producer ? [functionMetric(producer, 'IteratorAge', Stats.MAXIMUM, MINUTE)] : [],
    ),
    graph('Dead letters', deadLetters ? [deadLetters] : []),
  ];
}

function requests({ api: { apiStage }, live: { live } }: DashboardContent): IWidget[] {
  const period = MINUTE;
  return [
    graph('Requests', [
      apiStage.metricCount({ statistic: Stats.SUM, period, label: 'all' }),
      apiStage.metricClientError({ statistic: Stats.SUM, period, label: '4xx' }),
      apiStage.metricServerError({ statistic: Stats.SUM, period, label: '5xx' }),
    ]),
    graph('Latency', [
      apiStage.metricLatency({ statistic: Stats.percentile(50), period, label: 'p50' }),
      apiStage.metricLatency({ statistic: Stats.percentile(99), period, label: 'p99' }),
    ]),
    graph(
      'Streams',
      [functionMetric(live, 'ConcurrentExecutions', Stats.MAXIMUM, period)],
      [functionMetric(live, 'Duration', Stats.MAXIMUM, period)],
    ),
  ];
}

function functions({ functions: all }: DashboardContent): IWidget[] {
  const of = (metricName: 'Errors' | 'Throttles' | 'Duration', statistic: string) =>
    all.map((each) => functionMetric(each, metricName, statistic).with({ label: each.name }));
  return [
    graph('Errors', of('Errors', Stats.SUM)),
    graph('Throttles', of('Throttles', Stats.SUM)),
    graph('Duration, p99', of('Duration', Stats.percentile(99))),
  ];
}

function servers({ resources: { storage, streaming } }: DashboardContent): IWidget[] {
  const { database, table } = storage;
  return [
    graph(
      'MySQL: connections and processor',
      [database.metricDatabaseConnections({ statistic: Stats.MAXIMUM })],
      [database.metricCPUUtilization()],
    ),
    graph('MySQL: free storage', [database.metricFreeStorageSpace({ statistic: Stats.MINIMUM })]),
    graph(
      'Kafka: fullest broker, DynamoDB: throttled requests',
      [brokerDisk(streaming.access)],
      [tableThrottles(table.tableName)],
    ),
  ];
}
