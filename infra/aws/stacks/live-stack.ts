import { type FunctionUrl, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { FunctionStack } from './function-stack.ts';
import type { SharedResources } from './shared-resources.ts';
import type { SystemFunction } from './system-function.ts';

/** The streaming function behind its URL, and the function that supplies pages of events. */
export class LiveStack extends FunctionStack {
  readonly live: SystemFunction;
  /** Requires IAM signatures, so only CloudFront can call it. */
  readonly url: FunctionUrl;

  constructor(scope: Construct, resources: SharedResources) {
    super(scope, 'live', 'Retail Time Machine: live page and event stream', resources);
    this.live = this.functionOf(resources.system.functionUrl.function);
    this.url = this.live.lambda.addFunctionUrl({
      authType: FunctionUrlAuthType.AWS_IAM,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
  }
}
