import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge, type SystemStack, stageName } from '../system-stack.ts';
import type { SystemFunction } from './system-function.ts';

const MINUTE = Duration.minutes(1);

/** The name of the alias that takes the traffic. */
const ALIAS = 'live';

/**
 * Moves traffic to new versions of functions by CodeDeploy, step by step if the stage says so, and back if an alarm is raised meanwhile.
 * The deployment fails then, and CloudFormation restores the stack.
 */
export class Rollout extends Construct {
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
