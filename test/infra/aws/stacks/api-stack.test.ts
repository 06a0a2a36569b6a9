import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Stage } from '../../../../infra/aws/stage.ts';
import { deployedSystem } from '../../../../infra/system.ts';
import { methodsOf, routeKey } from '../../../../shared/api/route.ts';
import { type Resource, resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize();
});

/** The function that answers each route of the template. */
function answeredRoutes(): Record<string, string> {
  const template = synthesis.template('api');
  const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration');
  const aliases = resourcesOf(template, 'AWS::Lambda::Alias');
  const functions = resourcesOf(template, 'AWS::Lambda::Function');
  const functionOf = ({ Properties }: Resource): string => {
    const [integration] = Object.entries(integrations).filter(([id]) =>
      JSON.stringify(Properties.Target).includes(`"${id}"`),
    );
    const [alias] = Object.entries(aliases).filter(([id]) =>
      JSON.stringify(integration?.[1].Properties.IntegrationUri).includes(`"${id}"`),
    );
    const [name] = Object.entries(functions).filter(([id]) =>
      JSON.stringify(alias?.[1].Properties.FunctionName).includes(`"${id}"`),
    );
    return String(name?.[1].Properties.FunctionName);
  };
  const routes = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route'));
  return Object.fromEntries(routes.map((route) => [String(route.Properties.RouteKey), functionOf(route)]));
}

describe('the HTTP API', () => {
  it('the HTTP API has every route of the contract and $default, each answered by its function', () => {
    const expected = deployedSystem.httpRoutes.flatMap((each) =>
      methodsOf(each.route).map((method) => [
        routeKey({ ...each.route, method }),
        `rtm-dev-${each.function}`,
      ]),
    );
    expect(answeredRoutes()).toEqual({
      ...Object.fromEntries(expected),
      $default: `rtm-dev-${deployedSystem.defaultRoute}`,
    });
  });

  it('the HTTP API calls functions with payload format 2.0', () => {
    for (const { Properties } of Object.values(
      resourcesOf(synthesis.template('api'), 'AWS::ApiGatewayV2::Integration'),
    )) {
      expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    }
  });

  it('API Gateway may invoke each function for its own routes only', () => {
    const permissions = Object.values(resourcesOf(synthesis.template('api'), 'AWS::Lambda::Permission'));
    expect(permissions).toHaveLength(Object.keys(answeredRoutes()).length);
    for (const { Properties } of permissions) {
      expect(Properties).toMatchObject({
        Principal: 'apigateway.amazonaws.com',
        Action: 'lambda:InvokeFunction',
      });
      expect(Properties).toHaveProperty('SourceArn');
    }
  });

  it('API Gateway invokes the alias of each function, and may invoke no other version', () => {
    const template = synthesis.template('api');
    const aliases = Object.keys(resourcesOf(template, 'AWS::Lambda::Alias'));
    expect(aliases).toHaveLength(new Set(Object.values(answeredRoutes())).size);
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Lambda::Permission'))) {
      expect(aliases).toContain((Properties.FunctionName as { Ref: string }).Ref);
    }
  });

  it.each([
    ['dev', 'CodeDeployDefault.LambdaAllAtOnce'],
    ['prod', 'CodeDeployDefault.LambdaCanary10Percent5Minutes'],
  ])('in stage %s traffic moves to new versions by %s and back at an alarm', (stage, config) => {
    const template = synthesize({ stage: stageNamed(stage) }).template('api');
    const groups = Object.values(resourcesOf(template, 'AWS::CodeDeploy::DeploymentGroup'));
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
    expect(groups).toHaveLength(Object.keys(resourcesOf(template, 'AWS::Lambda::Alias')).length);
    for (const { Properties } of groups) {
      expect(Properties.DeploymentConfigName).toBe(config);
      expect(Properties.AutoRollbackConfiguration).toMatchObject({
        Enabled: true,
        Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_FAILURE']),
      });
      const watched = Properties.AlarmConfiguration as { Alarms: { Name: { Ref: string } }[] };
      const metrics = watched.Alarms.map(({ Name }) => alarms[Name.Ref]?.Properties.MetricName);
      expect(metrics.sort()).toEqual(['5xx', 'Errors']);
    }
    for (const alias of Object.values(resourcesOf(template, 'AWS::Lambda::Alias'))) {
      expect(JSON.stringify(alias)).toContain('CodeDeployLambdaAliasUpdate');
    }
    for (const { Properties } of Object.values(alarms)) {
      expect(Properties.AlarmDescription).toMatch(/docs\/operations\.md#rollout$/);
      expect(Properties.TreatMissingData).toBe('notBreaching');
    }
  });

  describe('versions of functions', () => {
    const dev = stageNamed('dev');
    /** The logical ids of all versions, by the function's. AWS refuses a second version of an unchanged function. */
    const versions = (changes: Partial<Stage> = {}): Record<string, string> => {
      const template = synthesize({ stage: { ...dev, ...changes } }).template('api');
      return Object.fromEntries(
        Object.entries(resourcesOf(template, 'AWS::Lambda::Version')).map(([id, { Properties }]) => [
          JSON.stringify(Properties.FunctionName),
          id,
        ]),
      );
    };
    /** The functions whose version is another one than in the unchanged stage. */
    const renewedBy = (changes: Partial<Stage>): string[] => {
      const before = versions();
      return Object.entries(versions(changes)).flatMap(([name, id]) => (before[name] === id ? [] : name));
    };

    it.each<[string, Partial<Stage>]>([
      ['a changed budget', { monthlyBudgetUsd: dev.monthlyBudgetUsd + 1 }],
      ['another number of viewers', { stream: { ...dev.stream, maxViewers: 7 } }],
      ['another retention of logs', { logRetentionDays: 1 }],
    ])('%s makes no new version, because no function changes', (_, changes) => {
      expect(Object.keys(versions()).length).toBeGreaterThan(0);
      expect(renewedBy(changes)).toEqual([]);
    });

    it('another number of brokers makes a new version of the function that gets their addresses, and of no other', () => {
      const renewed = renewedBy({ kafka: { ...dev.kafka, brokersPerZone: 2 } });
      expect(renewed).toHaveLength(1);
      expect(renewed[0]).toContain('system');
    });
  });

  it('the HTTP API is throttled and logs each request without query or headers', () => {
    const { requestsPerSecond, burst } = stageNamed('dev').throttling;
    synthesis.template('api').hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst },
      AccessLogSettings: { DestinationArn: Match.anyValue(), Format: Match.stringLikeRegexp('requestId') },
    });
    const [stage] = Object.values(resourcesOf(synthesis.template('api'), 'AWS::ApiGatewayV2::Stage'));
    expect(JSON.stringify(stage?.Properties.AccessLogSettings)).not.toMatch(/header|querystring|authorizer/i);
  });
});

describe('the live stream', () => {
  it('the live stream is a streaming function URL outside the VPC that requires IAM signatures', () => {
    const template = synthesis.template('live');
    template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'AWS_IAM',
      InvokeMode: 'RESPONSE_STREAM',
    });
    const live = deployedSystem.functionUrl.function;
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `rtm-dev-${live}`,
      VpcConfig: Match.absent(),
      ReservedConcurrentExecutions: stageNamed('dev').stream.maxViewers,
      Environment: {
        Variables: Match.objectLike({
          STREAM_LIFETIME_SECONDS: String(stageNamed('dev').stream.lifetimeSeconds),
          // Nothing announces writes on AWS, so it polls four times a second unless the stage sets another interval.
          QUIET_POLL_MS: '250',
          TABLE_WRITES_CHANNEL: Match.absent(),
        }),
      },
    });
  });

  it('the live stream ends by itself before Lambda would cut it off', () => {
    const { lifetimeSeconds } = stageNamed('prod').stream;
    expect(deployedSystem.functions.live?.timeoutSeconds).toBeGreaterThan(lifetimeSeconds);
  });
});
