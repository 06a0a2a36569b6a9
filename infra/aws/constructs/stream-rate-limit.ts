import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { globalName, type SystemStack } from '../system-stack.ts';

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
