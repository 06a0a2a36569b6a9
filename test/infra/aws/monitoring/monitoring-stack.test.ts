import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { DEAD_LETTER_MESSAGE } from '../../../../infra/aws/monitoring/metrics.ts';
import { deployedSystem } from '../../../../infra/system.ts';
import { statementsOf } from '../policies.ts';
import { type Resource, resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';

let synthesis: Synthesis;
let alarms: Resource[];

beforeAll(() => {
  synthesis = synthesize();
  alarms = Object.values(resourcesOf(synthesis.template('monitoring'), 'AWS::CloudWatch::Alarm'));
});

/** The anchors that GitHub derives from headings. */
function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => String(heading));
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** The names of all MSK metrics in the alarms, including those within expressions. */
function kafkaMetrics(): string[] {
  const found = JSON.stringify(alarms).matchAll(/"MetricName":"(\w+)","Namespace":"AWS\/Kafka"/g);
  return [...found].map(([, name]) => String(name));
}

function alarmNames(): string[] {
  return alarms.map(({ Properties }) => String(Properties.AlarmName).replace('rtm-dev-', ''));
}

describe('alarms', () => {
  it('the alarms cover everything that an operator must know', () => {
    const expected = [
      'consumer-lag',
      'consumer-delay',
      'iterator-age',
      'dead-letters',
      'api-errors',
      'api-latency',
      'mysql-connections',
      'mysql-cpu',
      'mysql-storage',
      'mysql-memory',
      'mysql-swap',
      'mysql-credits',
      'kafka-storage',
      'kafka-cpu',
      'kafka-under-replicated-partitions',
      'kafka-offline-partitions',
      'stream-duration',
      'viewers',
      'dynamodb-throttles',
      'account-concurrency',
      'stream-brake',
      'canary-stopped',
      ...(deployedSystem.eventSources.schedules ?? []).map((each) => `${each.function}-stopped`),
      ...Object.keys(deployedSystem.functions).flatMap((name) => [`${name}-errors`, `${name}-throttles`]),
    ];
    expect(alarmNames().sort()).toEqual(expected.sort());
  });

  it('each alarm links to a section of docs/operations.md', () => {
    const anchors = anchorsOf(readFileSync('docs/operations.md', 'utf8'));
    for (const { Properties } of alarms) {
      const anchor = /docs\/operations\.md#([\w-]+)$/.exec(String(Properties.AlarmDescription))?.[1];
      expect(anchors, String(Properties.AlarmName)).toContain(anchor);
    }
    expect(anchors).toContain('budget');
  });

  it("in us-east-1, where CloudFront's metrics are, an alarm watches its server errors", () => {
    const template = synthesize({ region: 'us-east-1' }).template('monitoring');
    const all = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
    const alarm = all.find(({ Properties }) => Properties.MetricName === '5xxErrorRate');
    expect(alarm?.Properties).toMatchObject({ Namespace: 'AWS/CloudFront', Threshold: 5 });
    const anchor = /#([\w-]+)$/.exec(String(alarm?.Properties.AlarmDescription))?.[1];
    expect(anchorsOf(readFileSync('docs/operations.md', 'utf8'))).toContain(anchor);
  });

  it('only functions that an event source retries may fail occasionally without an alarm', () => {
    const { stream, topic } = deployedSystem.eventSources;
    const errors = alarms.filter(({ Properties }) => String(Properties.AlarmName).endsWith('-errors'));
    const tolerant = errors.filter(
      ({ Properties }) => Properties.MetricName && Number(Properties.Threshold) > 1,
    );
    const names = tolerant.map(({ Properties }) => String(Properties.AlarmName)).sort();
    expect(names).toEqual(
      ['api', stream?.function, topic?.function].map((name) => `rtm-dev-${name}-errors`).sort(),
    );
  });

  it('the alarms use only free metrics of MSK, and the cluster publishes no others', () => {
    expect(kafkaMetrics().length).toBeGreaterThan(0);
    // The free metrics: https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html
    const free = [
      ...['SumOffsetLag', 'EstimatedMaxTimeLag', 'OfflinePartitionsCount', 'KafkaDataLogsDiskUsed'],
      ...['CpuIdle', 'UnderReplicatedPartitions'],
    ];
    for (const metric of kafkaMetrics()) expect(free).toContain(metric);
    synthesis.template('streaming').hasResourceProperties('AWS::MSK::Cluster', {
      EnhancedMonitoring: 'DEFAULT',
    });
  });

  it('only this account’s alarms and budgets may publish to the alarm topic', () => {
    const [policy] = Object.values(resourcesOf(synthesis.template('monitoring'), 'AWS::SNS::TopicPolicy'));
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]),
    });
    const allowed = JSON.stringify(policy?.Properties).match(/"Effect":"Allow"/g);
    expect(allowed).toHaveLength(1);
  });

  it("alarms notify the topic when they start and end, and all but the dead man's switches ignore missing data", () => {
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toHaveLength(1);
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
      const isSwitch = String(Properties.AlarmName).endsWith('-stopped');
      expect(Properties.TreatMissingData).toBe(isSwitch ? 'breaching' : 'notBreaching');
    }
  });

  it('a reconciliation that has not succeeded for 15 minutes raises the alarm, also if nothing invokes it', () => {
    const alarm = alarms.find(({ Properties }) => Properties.AlarmName === 'rtm-dev-reconciliation-stopped');
    expect(alarm?.Properties).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
    const metrics = JSON.stringify(alarm?.Properties.Metrics);
    expect(metrics).toContain('"Expression":"invocations - errors"');
    expect(metrics.match(/"Value":"rtm-dev-reconciliation"/g)).toHaveLength(2);
    expect(metrics.match(/"Period":300/g)).toHaveLength(2);
  });

  it("the brokers' alarms cover every broker of the stage", () => {
    const { streaming } = synthesis.stacks;
    const brokers = streaming.kind === 'msk' ? streaming.access.brokerCount : 0;
    expect(brokers).toBe(2);
    for (const name of ['kafka-cpu', 'kafka-under-replicated-partitions']) {
      const alarm = alarms.find(({ Properties }) => Properties.AlarmName === `rtm-dev-${name}`);
      const ids = JSON.stringify(alarm?.Properties.Metrics).match(/"Name":"Broker ID"/g);
      expect(ids, name).toHaveLength(brokers);
    }
  });

  it('only a burstable instance of MySQL has an alarm for borrowed processor credits', () => {
    expect(alarmNames()).toContain('mysql-credits');
    const others = resourcesOf(
      synthesize({ stage: stageNamed('prod') }).template('monitoring'),
      'AWS::CloudWatch::Alarm',
    );
    const names = Object.values(others).map(({ Properties }) => Properties.AlarmName);
    expect(names).toContain('rtm-prod-mysql-memory');
    expect(names).not.toContain('rtm-prod-mysql-credits');
  });

  it("the stage's alarm address is subscribed to the alarm topic", () => {
    synthesis
      .template('monitoring')
      .resourcePropertiesCountIs('AWS::SNS::Subscription', { Protocol: 'email' }, 0);
    const stage = { ...stageNamed('dev'), alarmEmail: 'ops@example.com' };
    synthesize({ stage })
      .template('monitoring')
      .hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com' });
  });

  it("dead letters are counted by the consumer's log message at every log level", () => {
    const directory = `functions/${deployedSystem.eventSources.topic?.function}`;
    const sources = readdirSync(directory).map((file) => readFileSync(`${directory}/${file}`, 'utf8'));
    // A stage may set the log level to ERROR, the highest there is.
    expect(sources.join()).toContain(`log.error('${DEAD_LETTER_MESSAGE}'`);
    synthesis.template('monitoring').hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: '/aws/lambda/rtm-dev-consumer',
      FilterPattern: `{ $.message = "${DEAD_LETTER_MESSAGE}" }`,
    });
  });

  it('the monitoring stack imports nothing that would prevent the removal of a function', () => {
    const imports =
      JSON.stringify(synthesis.template('monitoring').toJSON()).match(/Fn::ImportValue":"[^"]+/g) ?? [];
    expect(imports.filter((each) => each.includes('Function'))).toEqual([]);
  });
});

describe('the budget', () => {
  it("the budget warns at 80 % and 100 % of the stage's limit, and when the forecast exceeds it", () => {
    const [budget] = Object.values(resourcesOf(synthesis.template('monitoring'), 'AWS::Budgets::Budget'));
    expect(budget?.Properties).toMatchObject({
      Budget: {
        BudgetLimit: { Amount: stageNamed('dev').monthlyBudgetUsd, Unit: 'USD' },
        TimeUnit: 'MONTHLY',
      },
    });
    const notifications = budget?.Properties.NotificationsWithSubscribers as {
      Notification: { NotificationType: string; Threshold: number };
    }[];
    expect(
      notifications.map(({ Notification }) => [Notification.NotificationType, Notification.Threshold]),
    ).toEqual([
      ['ACTUAL', 80],
      ['ACTUAL', 100],
      ['FORECASTED', 100],
    ]);
  });
});

describe('the canary', () => {
  it('the canary visits the public address every quarter of an hour, and half an hour without a success is an alarm', () => {
    const template = synthesis.template('monitoring');
    const canary = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).find(
      ({ Properties }) => Properties.FunctionName === 'rtm-dev-canary',
    );
    expect(JSON.stringify(canary?.Properties.Environment)).toMatch(
      /"PUBLIC_ADDRESS":.*https:\/\/.*Distribution/,
    );
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(15 minutes)' });
    const alarm = alarms.find(({ Properties }) => Properties.AlarmName === 'rtm-dev-canary-stopped');
    expect(alarm?.Properties).toMatchObject({ EvaluationPeriods: 2, TreatMissingData: 'breaching' });
    const actions = statementsOf(template, canary?.Properties.Role).flatMap((each) => each.actions);
    expect(actions.filter((action) => !/^(logs|xray):/.test(action))).toEqual([]);
  });
});

describe('the stream brake', () => {
  it('a spent budget only warns unless the stage says otherwise, because it counts the whole account', () => {
    const template = synthesis.template('monitoring');
    const [budget] = Object.values(resourcesOf(template, 'AWS::Budgets::Budget'));
    const notifications = budget?.Properties.NotificationsWithSubscribers as {
      Subscribers: { Address: { Ref: string } }[];
    }[];
    const topics = new Set(
      notifications.flatMap((each) => each.Subscribers.map(({ Address }) => Address.Ref)),
    );
    expect([...topics]).toEqual([expect.stringMatching(/^Alarms/)]);
    const policies = Object.values(resourcesOf(template, 'AWS::SNS::TopicPolicy'));
    const brakePolicy = policies.find((each) =>
      JSON.stringify(each.Properties.Topics).includes('StreamBrake'),
    );
    expect(JSON.stringify(brakePolicy?.Properties)).not.toContain('budgets.amazonaws.com');
  });

  it('in a stage with budgetStopsStreams a spent budget invokes a function that may set the concurrency of the streaming function and nothing else', () => {
    const stage = { ...stageNamed('dev'), budgetStopsStreams: true };
    const template = synthesize({ stage }).template('monitoring');
    const policies = Object.values(resourcesOf(template, 'AWS::SNS::TopicPolicy'));
    const brakePolicy = policies.find((each) =>
      JSON.stringify(each.Properties.Topics).includes('StreamBrake'),
    );
    expect(JSON.stringify(brakePolicy?.Properties)).toContain('budgets.amazonaws.com');
    const [budget] = Object.values(resourcesOf(template, 'AWS::Budgets::Budget'));
    const notifications = budget?.Properties.NotificationsWithSubscribers as {
      Notification: { NotificationType: string; Threshold: number };
      Subscribers: { Address: { Ref: string } }[];
    }[];
    const topicOf = (type: string, threshold: number) =>
      notifications.find(
        ({ Notification: each }) => each.NotificationType === type && each.Threshold === threshold,
      )?.Subscribers[0]?.Address.Ref;
    const spent = topicOf('ACTUAL', 100);
    expect(spent).not.toBe(topicOf('ACTUAL', 80));
    expect(topicOf('FORECASTED', 100)).toBe(topicOf('ACTUAL', 80));
    const [subscription] = Object.values(resourcesOf(template, 'AWS::SNS::Subscription'));
    expect(subscription?.Properties).toMatchObject({ Protocol: 'lambda', TopicArn: { Ref: spent } });
    const functions = resourcesOf(template, 'AWS::Lambda::Function');
    const [id, brake] =
      Object.entries(functions).find(
        ([, { Properties }]) => Properties.FunctionName === 'rtm-dev-stream-brake',
      ) ?? [];
    expect(JSON.stringify(subscription?.Properties.Endpoint)).toContain(String(id));
    const statements = statementsOf(template, brake?.Properties.Role);
    const lambdaActions = statements.filter(({ actions }) =>
      actions.some((action) => action.startsWith('lambda:')),
    );
    expect(lambdaActions.map(({ actions }) => actions)).toEqual([['lambda:PutFunctionConcurrency']]);
    expect(lambdaActions[0]?.resources.join()).toMatch(/function:rtm-dev-live"/);
  });

  it('the stream brake reserves no concurrency for the streaming function', async () => {
    const requests: { path: string | undefined; body: unknown }[] = [];
    const api = createServer(async (request, response) => {
      requests.push({
        path: request.url,
        body: JSON.parse(Buffer.concat(await request.toArray()).toString()),
      });
      response.setHeader('content-type', 'application/json').end('{"ReservedConcurrentExecutions":0}');
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const { port } = api.address() as AddressInfo;
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('STREAM_FUNCTION_NAME', 'rtm-dev-live');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
    const { handler } = await import('../../../../infra/aws/stream-brake.ts');
    await handler();
    expect(requests).toEqual([
      { path: '/2017-10-31/functions/rtm-dev-live/concurrency', body: { ReservedConcurrentExecutions: 0 } },
    ]);
    api.close();
    vi.unstubAllEnvs();
  });
});

describe('the dashboard', () => {
  it('the dashboard shows the alarms, and each function by its name', () => {
    const [dashboard] = Object.values(
      resourcesOf(synthesis.template('monitoring'), 'AWS::CloudWatch::Dashboard'),
    );
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    for (const name of Object.keys(deployedSystem.functions)) expect(body).toContain(`rtm-dev-${name}`);
    for (const title of ['Alarms', 'Sales published, not stored', 'Latency', 'Streams']) {
      expect(body).toContain(title);
    }
  });
});
