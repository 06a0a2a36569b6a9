import type { App } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { SystemDescription } from '../system-description.ts';
import { CANARY } from './constructs/canary.ts';
import { CLOUDFRONT_REGION } from './constructs/stream-limits.ts';
import { MonitoringStack } from './monitoring/monitoring-stack.ts';
import { hasBudgets } from './regions.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { BrokerStack } from './stacks/broker-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { EdgeStack } from './stacks/edge-stack.ts';
import { LiveStack } from './stacks/function-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import type { SharedResources } from './stacks/shared-resources.ts';
import { StorageStack } from './stacks/storage-stack.ts';
import { StreamingStack } from './stacks/streaming-stack.ts';
import type { Stage } from './stage.ts';

export interface Deployment {
  /** Decides what is left out because the region lacks it. Templates refer to the region they are deployed to. */
  readonly region?: string | undefined;
  readonly stage: Stage;
  readonly system: SystemDescription;
  readonly codeOf: (functionName: string) => Code;
}

/** The stacks of a deployment by purpose. */
export interface Stacks {
  readonly network: NetworkStack;
  readonly storage: StorageStack;
  readonly streaming: StreamingStack | BrokerStack;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly api: ApiStack;
  readonly live: LiveStack;
  readonly edge: EdgeStack;
  readonly monitoring: MonitoringStack;
}

/** Adds a deployment's stacks to an app. */
export function buildStacks(app: App, { region, stage, system, codeOf }: Deployment): Stacks {
  const network = new NetworkStack(app, stage);
  const storage = new StorageStack(app, stage, system, network);
  const Streaming = stage.broker ? BrokerStack : StreamingStack;
  const streaming = new Streaming(app, stage, system, network);
  const resources: SharedResources = { stage, system, network, storage, streaming, codeOf };
  const data = new DataStack(app, resources);
  const pipeline = new PipelineStack(app, resources);
  const api = new ApiStack(app, resources);
  const live = new LiveStack(app, resources);
  // Migrations run before the code that needs them takes traffic.
  for (const stack of [pipeline, api, live]) stack.addStackDependency(data);
  const isCloudFrontRegion = region === CLOUDFRONT_REGION;
  const edge = new EdgeStack(app, resources, { api, live, isCloudFrontRegion });
  const monitoring = new MonitoringStack(app, resources, { data, pipeline, api, live }, hasBudgets(region));
  // Its streams and its alarm cost 2.50 USD a month: a tenth of all that a stage with a broker of its own costs. Asleep, such a stage
  // pays for alarms, too.
  if (!stage.broker) monitoring.addCanary(edge.url, codeOf(CANARY));
  if (isCloudFrontRegion && !stage.broker) monitoring.watchCloudFront(edge.distribution);
  // It refers to their functions and log groups by name, which CloudFormation doesn't see.
  for (const stack of [data, pipeline, api, live]) monitoring.addStackDependency(stack);
  return { network, storage, streaming, data, pipeline, api, live, edge, monitoring };
}
