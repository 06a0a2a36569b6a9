import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as InvokeFunction } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge, allow, type SystemStack, stageName } from '../system-stack.ts';

/** The function's name in the description of bundles, and part of its name on AWS. */
export const CANARY = 'canary';

/** Each stream that it opens is billed for its whole lifetime, which the canary can't shorten. */
export const CANARY_MINUTES = 15;

/** A function that visits the public address on a schedule. It isn't part of the system: only CloudFront's stack knows the address. */
export class Canary extends Construct {
  readonly name = CANARY;
  readonly functionName: string;

  constructor(stack: SystemStack, address: string, code: Code) {
    super(stack, 'Canary');
    this.functionName = stageName(stack.stage, CANARY);
    const logGroup = stack.logGroup(this, 'Log', `/aws/lambda/${this.functionName}`);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]': 'X-Ray traces: actions without resource-level permissions.',
    });
    const lambda = new LambdaFunction(this, 'Function', {
      functionName: this.functionName,
      description: 'Visits the public address as a viewer does',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code,
      handler: 'index.handler',
      memorySize: 256,
      timeout: Duration.seconds(70),
      environment: { POWERTOOLS_SERVICE_NAME: CANARY, PUBLIC_ADDRESS: address },
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
    });
    const interval = Duration.minutes(CANARY_MINUTES);
    new Rule(this, 'Schedule', {
      ruleName: stageName(stack.stage, 'canary-schedule'),
      schedule: Schedule.rate(interval),
      targets: [new InvokeFunction(lambda, { maxEventAge: interval })],
    });
    lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: interval });
  }
}
