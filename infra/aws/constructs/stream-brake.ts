import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge, allow, deployedFunctionArn, type SystemStack, stageName } from '../system-stack.ts';

/** The function's name in the description of bundles, and part of its name on AWS. */
export const STREAM_BRAKE = 'stream-brake';

/**
 * What a spent budget triggers if the stage says so (`budgetStopsStreams`), or an operator: a function that reserves no concurrency for streams, the only cost that strangers can drive
 * up without a limit per request. Attaching a policy, which is what AWS's own budget actions do, would stop no stream: viewers need none.
 */
export class StreamBrake extends Construct {
  /** Each message stops new streams. */
  readonly topic: Topic;
  readonly functionName: string;

  /** @param streaming The name of the streaming function in the description. */
  constructor(stack: SystemStack, streaming: string, code: Code) {
    super(stack, 'StreamBrake');
    const { stage } = stack;
    this.functionName = stageName(stage, STREAM_BRAKE);
    const logGroup = stack.logGroup(this, 'Log', `/aws/lambda/${this.functionName}`);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
    role.addToPolicy(allow(['lambda:PutFunctionConcurrency'], [deployedFunctionArn(stage, streaming)]));
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]': 'X-Ray traces: actions without resource-level permissions.',
    });
    const lambda = new LambdaFunction(this, 'Function', {
      functionName: this.functionName,
      description: 'Stops new streams',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code,
      handler: 'index.handler',
      memorySize: 256,
      timeout: Duration.seconds(30),
      environment: {
        POWERTOOLS_SERVICE_NAME: STREAM_BRAKE,
        STREAM_FUNCTION_NAME: stageName(stage, streaming),
      },
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
    });
    this.topic = new Topic(this, 'Topic', { topicName: this.functionName, enforceSSL: true });
    this.topic.addSubscription(new LambdaSubscription(lambda));
  }
}
