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
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import {
  acknowledge,
  allow,
  deployedFunctionArn,
  globalName,
  type SystemStack,
  stageName,
} from '../system-stack.ts';

/** The region of CloudFront's metrics and of the web ACLs that it takes. */
export const CLOUDFRONT_REGION = 'us-east-1';

const WINDOW_SECONDS = 300;

/** A web ACL for CloudFront that blocks an address while it opens more streams than allowed. AWS notices within about half a minute. */
export function streamRateLimit(
  stack: SystemStack,
  limit: number,
  pathPrefixes: readonly string[],
): CfnWebACL {
  const metrics = (name: string) => ({
    metricName: name,
    cloudWatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
  });
  return new CfnWebACL(stack, 'WebAcl', {
    name: globalName(stack.stage, 'streams'),
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: metrics('streams'),
    rules: pathPrefixes.map((prefix, priority) => ({
      name: `streams-${priority}`,
      priority,
      action: { block: {} },
      visibilityConfig: metrics(`streams-${priority}`),
      statement: {
        rateBasedStatement: {
          aggregateKeyType: 'IP',
          evaluationWindowSec: WINDOW_SECONDS,
          limit,
          scopeDownStatement: {
            byteMatchStatement: {
              fieldToMatch: { uriPath: {} },
              positionalConstraint: 'STARTS_WITH',
              searchString: `${prefix}events`,
              textTransformations: [{ priority: 0, type: 'URL_DECODE' }],
            },
          },
        },
      },
    })),
  });
}

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
