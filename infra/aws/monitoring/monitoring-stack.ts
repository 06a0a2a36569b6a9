import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { CANARY, CANARY_MINUTES, Canary } from '../constructs/canary.ts';
import { STREAM_BRAKE, StreamBrake } from '../constructs/stream-limits.ts';
import type { ApiStack } from '../stacks/api-stack.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { LiveStack } from '../stacks/function-stack.ts';
import type { PipelineStack } from '../stacks/pipeline-stack.ts';
import type { SharedResources } from '../stacks/shared-resources.ts';
import type { StreamingStack } from '../stacks/streaming-stack.ts';
import type { SystemFunction } from '../stacks/system-function.ts';
import { globalName, SystemStack, stageName } from '../system-stack.ts';
import { AlarmBook } from './alarm-book.ts';
import {
  addAccountAlarms,
  addFunctionAlarms,
  addPipelineAlarms,
  addRequestAlarms,
  addScheduleAlarms,
  addStorageAlarms,
} from './alarms.ts';
import { addDashboard } from './dashboard.ts';
import { deadLetterMetric, FIVE_MINUTES, functionMetric, successes } from './metrics.ts';

export interface WatchedStacks {
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly api: ApiStack;
  readonly live: LiveStack;
}

/** Alarms and their topic, the dashboard and the budget. */
export class MonitoringStack extends SystemStack {
  readonly book: AlarmBook;
  private readonly topic: Topic;

  constructor(scope: Construct, resources: SharedResources, stacks: WatchedStacks, hasBudget: boolean) {
    super(scope, 'monitoring', resources.stage, 'Retail Time Machine: alarms, dashboard and budget');
    this.topic = this.createTopic();
    this.book = new AlarmBook(this, new SnsAction(this.topic));
    const functions = new Map(
      [stacks.api, stacks.live, stacks.pipeline, stacks.data].flatMap((stack) => [...stack.functions]),
    );
    addScheduleAlarms(this.book, resources.system.eventSources.schedules ?? [], functions);
    const brake = this.addStreamBrake(resources);
    const spent = this.stage.budgetStopsStreams ? brake.topic : this.topic;
    if (hasBudget) addBudget(this, { warnings: this.topic, spent });
    const { streaming } = resources;
    // For a stage paid out of someone's own pocket, all alarms and the dashboard would cost more than the broker.
    if (streaming.kind === 'msk') this.watchEverything({ ...resources, streaming }, stacks, functions);
    new CfnOutput(this, 'AlarmTopic', {
      value: this.topic.topicArn,
      description: 'Where alarms are published',
    });
  }

  private watchEverything(
    resources: SharedResources & { readonly streaming: StreamingStack },
    stacks: WatchedStacks,
    functions: ReadonlyMap<string, SystemFunction>,
  ): void {
    addRequestAlarms(this.book, resources, stacks);
    addPipelineAlarms(this.book, resources, functions);
    const deadLetters = this.watchDeadLetters(resources, functions);
    addStorageAlarms(this.book, resources);
    const { stream, topic } = resources.system.eventSources;
    addAccountAlarms(this.book);
    addFunctionAlarms(this.book, functions.values(), new Set([stream?.function, topic?.function]));
    addDashboard(this, {
      ...stacks,
      resources,
      functions: [...functions.values()],
      deadLetters,
      book: this.book,
    });
  }

  /** Two visits in a row that fail or don't happen raise the alarm. */
  addCanary(address: string, code: Code): void {
    const canary = new Canary(this, address, code);
    this.book.add({
      name: `${CANARY}-stopped`,
      section: 'canary',
      meaning: 'Health, the page or the stream have not answered at the public address for half an hour.',
      metric: successes(canary, Duration.minutes(CANARY_MINUTES)),
      threshold: 1,
      below: true,
      periods: 2,
      alarmsWhenSilent: true,
    });
  }

  /** CloudFront's metrics are in its region alone, and an alarm is where its metric is. */
  watchCloudFront({ distributionId }: IDistribution): void {
    this.book.add({
      name: 'cloudfront-errors',
      section: 'cloudfront-errors',
      meaning: 'CloudFront answers one request in twenty with a server error (5xx).',
      metric: new Metric({
        namespace: 'AWS/CloudFront',
        metricName: '5xxErrorRate',
        dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
        statistic: Stats.AVERAGE,
        period: FIVE_MINUTES,
      }),
      threshold: 5,
      periods: 2,
    });
  }

  private createTopic(): Topic {
    const topic = new Topic(this, 'Alarms', {
      topicName: stageName(this.stage, 'alarms'),
      displayName: 'Retail Time Machine',
      enforceSSL: true,
    });
    allowServices(topic, ['budgets', 'cloudwatch']);
    const { alarmEmail } = this.stage;
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }

  private addStreamBrake({ system, codeOf }: SharedResources): StreamBrake {
    const brake = new StreamBrake(this, system.functionUrl.function, codeOf(STREAM_BRAKE));
    if (this.stage.budgetStopsStreams) allowServices(brake.topic, ['budgets']);
    this.book.add({
      name: STREAM_BRAKE,
      section: 'budget',
      meaning: 'The stream brake was pulled, so no new streams are allowed.',
      metric: functionMetric(brake, 'Invocations', Stats.SUM),
      threshold: 1,
      periods: 1,
    });
    return brake;
  }

  private watchDeadLetters(
    { system }: SharedResources,
    functions: ReadonlyMap<string, SystemFunction>,
  ): IMetric | undefined {
    const consumer = functions.get(system.eventSources.topic?.function ?? '');
    if (!consumer) return undefined;
    const metric = deadLetterMetric(this, consumer, `RetailTimeMachine/${this.stage.name}`);
    this.book.add({
      name: 'dead-letters',
      section: 'dead-letters',
      meaning: 'Messages could not be parsed and were stored as dead letters.',
      metric,
      threshold: 1,
      periods: 1,
    });
    return metric;
  }
}

/** Lets services of AWS publish to a topic. */
function allowServices(topic: Topic, services: readonly string[]): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: services.map((service) => new ServicePrincipal(`${service}.amazonaws.com`)),
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      // These services act for every account. Without the condition, alarms of other accounts could publish here.
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
}

/** Warns about actual costs and about the forecast for the month. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 80, to: 'warnings' },
  { notificationType: 'ACTUAL', threshold: 100, to: 'spent' },
  { notificationType: 'FORECASTED', threshold: 100, to: 'warnings' },
] as const;

interface BudgetTopics {
  readonly warnings: ITopic;
  /** Warns too, or stops the streams, which raises an alarm. */
  readonly spent: ITopic;
}

/** Watches the account's monthly costs. Costs per tag exist only where cost-allocation tags are activated. */
function addBudget(scope: SystemStack, topics: BudgetTopics): void {
  const { stage } = scope;
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: globalName(stage, 'budget'),
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: stage.monthlyBudgetUsd, unit: 'USD' },
    },
    notificationsWithSubscribers: NOTIFICATIONS.map(({ to, ...notification }) => ({
      notification: { ...notification, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
      subscribers: [{ subscriptionType: 'SNS', address: topics[to].topicArn }],
    })),
  });
}
