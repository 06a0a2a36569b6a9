import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { methodsOf } from '../../../shared/api/route.ts';
import { acknowledge, type SystemStack, stageName } from '../system-stack.ts';
import { FunctionStack } from './function-stack.ts';
import { originSecrets, type SharedResources } from './shared-resources.ts';
import type { SystemFunction } from './system-function.ts';

/** One JSON object per request, without query and headers, which may contain secrets. */
const ACCESS_LOG = {
  time: '$context.requestTime',
  request_id: '$context.requestId',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_error: '$context.integrationErrorMessage',
};

/** The HTTP API: every declared route, and `$default` for all other requests. */
export class ApiStack extends FunctionStack {
  readonly api: HttpApi;
  readonly apiStage: HttpStage;
  /** What CloudFront must send. */
  readonly originSecret: Secret;
  private readonly rollout: Rollout | undefined;
  private readonly integrations = new Map<string, HttpLambdaIntegration>();

  constructor(scope: Construct, resources: SharedResources) {
    super(scope, 'api', 'Retail Time Machine: HTTP API and its functions', resources);
    this.api = new HttpApi(this, 'Api', {
      apiName: stageName(this.stage, 'api'),
      description: this.templateOptions.description ?? '',
      createDefaultStage: false,
    });
    this.apiStage = this.createStage();
    const serverErrors = this.apiStage.metricServerError({
      statistic: Stats.SUM,
      period: Duration.minutes(1),
    });
    this.rollout = this.stage.rollout === 'direct' ? undefined : new Rollout(this, serverErrors);
    this.addRoutes(resources);
    this.originSecret = this.exportOriginSecrets();
    acknowledge(this, {
      'AwsSolutions-APIG4':
        'Reading is public. Functions check the bearer token of requests that change the simulation, so a ' +
        'refusal looks like every other error; a test checks that each such route requires it.',
    });
  }

  /** Exports all generations, because CloudFront's stack imports the previous one until it is deployed itself. */
  private exportOriginSecrets(): Secret {
    const [current, ...previous] = originSecrets(this);
    if (!current) throw new Error('There is no secret between CloudFront and the HTTP API.');
    for (const { secretArn } of [current, ...previous]) this.exportValue(secretArn);
    return current;
  }

  private createStage(): HttpStage {
    const { requestsPerSecond, burst } = this.stage.throttling;
    return new HttpStage(this, 'DefaultStage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          this.logGroup(this, 'AccessLog', `/aws/apigateway/${stageName(this.stage, 'access')}`),
        ),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  private addRoutes({ system }: SharedResources): void {
    for (const { route, function: name } of system.httpRoutes) {
      for (const method of methodsOf(route)) {
        this.addRoute(name, HttpRouteKey.with(route.path, HttpMethod[method]));
      }
    }
    this.addRoute(system.defaultRoute, HttpRouteKey.DEFAULT);
  }

  private addRoute(functionName: string, routeKey: HttpRouteKey): void {
    const integration = this.integrationOf(functionName);
    new HttpRoute(this, `Route ${routeKey.key}`, { httpApi: this.api, routeKey, integration });
  }

  private integrationOf(functionName: string): HttpLambdaIntegration {
    const known = this.integrations.get(functionName);
    if (known) return known;
    const target = this.functionOf(functionName);
    const invoked = this.rollout?.aliasOf(target) ?? target.lambda;
    const integration = new HttpLambdaIntegration(functionName, invoked);
    this.integrations.set(functionName, integration);
    return integration;
  }
}

const MINUTE = Duration.minutes(1);

/** The name of the alias that takes the traffic. */
const ALIAS = 'live';

/**
 * Moves traffic to new versions of functions by CodeDeploy, step by step if the stage says so, and back if an alarm is raised meanwhile.
 * The deployment fails then, and CloudFormation restores the stack.
 */
class Rollout extends Construct {
  private readonly stack: SystemStack;
  private readonly application: LambdaApplication;
  private readonly serverErrors: Alarm;

  /** @param serverErrors The API's responses with 5xx: a function answers most failures itself. */
  constructor(stack: SystemStack, serverErrors: IMetric) {
    super(stack, 'Rollout');
    this.stack = stack;
    this.application = new LambdaApplication(this, 'Application', {
      applicationName: stageName(stack.stage, 'api'),
    });
    this.serverErrors = this.alarm('api', 'The HTTP API responds with server errors (5xx).', serverErrors, 5);
  }

  /** Returns the alias of a function that callers invoke. */
  aliasOf({ name, lambda }: SystemFunction): IFunction {
    // The CDK's classes miss their own interfaces under exactOptionalPropertyTypes.
    const version = lambda.currentVersion as IVersion;
    const alias = new Alias(this, `${name}Alias`, { aliasName: ALIAS, version });
    const errors = this.alarm(
      name,
      `Invocations of the new version of ${name} fail.`,
      alias.metricErrors({ period: MINUTE, statistic: Stats.SUM }),
      1,
    );
    const group = new LambdaDeploymentGroup(this, `${name}Group`, {
      application: this.application,
      deploymentGroupName: name,
      alias,
      deploymentConfig: this.config,
      alarms: [errors, this.serverErrors],
      autoRollback: { deploymentInAlarm: true, failedDeployment: true, stoppedDeployment: true },
    });
    acknowledge(group, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
        "CodeDeploy's own role for Lambda, in its limited form.",
    });
    // Like the version above.
    return alias as IFunction;
  }

  private get config() {
    return this.stack.stage.rollout === 'canary'
      ? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES
      : LambdaDeploymentConfig.ALL_AT_ONCE;
  }

  private alarm(name: string, meaning: string, metric: IMetric, threshold: number): Alarm {
    const { stage } = this.stack;
    return new Alarm(this, `${name}Alarm`, {
      alarmName: stageName(stage, `rollout-${name}`),
      alarmDescription: `${meaning} See ${stage.operationsUrl}#rollout`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
