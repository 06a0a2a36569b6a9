import { type FunctionUrl, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { definitionOf, type SystemDescription } from '../../system-description.ts';
import { SystemStack } from '../system-stack.ts';
import type { SharedResources } from './shared-resources.ts';
import { SystemFunction } from './system-function.ts';

/** A stack with functions of the system: those that `placeFunctions` assigns to it. */
export class FunctionStack extends SystemStack {
  readonly functions: ReadonlyMap<string, SystemFunction>;

  constructor(scope: Construct, name: FunctionStackName, description: string, resources: SharedResources) {
    super(scope, name, resources.stage, description);
    const names = placeFunctions(resources.system)[name];
    this.functions = new Map(names.map((each) => [each, new SystemFunction(this, each, resources)]));
  }

  /** @throws Error if the function is in another stack. */
  protected functionOf(name: string): SystemFunction {
    const found = this.functions.get(name);
    if (!found) throw new Error(`The function "${name}" is not in the stack ${this.stackName}.`);
    return found;
  }
}

/** The stacks with functions. */
export type FunctionStackName = 'data' | 'pipeline' | 'live' | 'api';

/**
 * Assigns each function to a stack by what invokes it. One that another function invokes is in that function's stack.
 *
 * @throws Error naming a function that nothing invokes.
 */
export function placeFunctions(system: SystemDescription): Readonly<Record<FunctionStackName, string[]>> {
  const placed: Record<FunctionStackName, string[]> = { data: [], pipeline: [], live: [], api: [] };
  for (const name of Object.keys(system.functions)) placed[stackOf(system, name)].push(name);
  return placed;
}

function stackOf(system: SystemDescription, name: string): FunctionStackName {
  const { uses } = definitionOf(system, name);
  if (uses.includes('dataset') || uses.includes('schema')) return 'data';
  if (eventDriven(system).has(name)) return 'pipeline';
  if (name === system.functionUrl.function) return 'live';
  if (requestDriven(system).has(name)) return 'api';
  const caller = Object.keys(system.functions).find((each) => invokedBy(system, each).includes(name));
  if (caller !== undefined) return stackOf(system, caller);
  throw new Error(
    `Nothing in infra/system.ts invokes the function "${name}": give it a route or an event source, or remove it.`,
  );
}

function eventDriven({ eventSources: { stream, topic, schedules = [] } }: SystemDescription): Set<string> {
  const sources = [stream, topic, ...schedules].filter((source) => source !== undefined);
  return new Set(sources.map((source) => source.function));
}

/** The functions that a function may invoke: those of its capabilities `invoke:<name>`. */
function invokedBy(system: SystemDescription, name: string): string[] {
  const capabilities = definitionOf(system, name).uses;
  return capabilities.flatMap((capability) => /^invoke:(.+)$/.exec(capability)?.[1] ?? []);
}

function requestDriven(system: SystemDescription): Set<string> {
  return new Set([system.defaultRoute, ...system.httpRoutes.map((route) => route.function)]);
}

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
