/** Runs Lambda functions in worker threads of this process, together with everything that invokes them. */
import { setTimeout as delay } from 'node:timers/promises';
import { type RunningEventSources, startEventSources } from './event-sources/event-sources.ts';
import { compileFilter } from './event-sources/filter-pattern.ts';
import { createGateway } from './gateway/gateway.ts';
import { appendMetrics } from './gateway/http-response.ts';
import { type HttpServer, openHttpServer } from './gateway/http-server.ts';
import { openLambda } from './lambda.ts';
import { createProcessMetrics } from './metrics/process-metrics.ts';
import type { LambdaHostOptions } from './options.ts';
import type { Functions } from './runtime/functions.ts';
import type { InvocationResult } from './runtime/invocation-result.ts';
import { type HostedFunction, type HostedSystem, routeKey } from './system.ts';

export interface LambdaHost {
  /** Where HTTP is answered. */
  readonly url: string;
  /** Where the Invoke API is answered, for the AWS SDK's `AWS_ENDPOINT_URL_LAMBDA`. */
  readonly lambdaEndpoint: string;
  /** Invokes a buffered function. A failure is part of the result. */
  invoke(name: string, event: unknown): Promise<InvocationResult>;
  /** Holds back or crashes buffered functions, to show what their failure does. */
  readonly functions: Pick<Functions, 'hold' | 'crash'>;
  /** Accepts requests and starts the event sources. Call it once everything they need, such as a schema, exists. */
  open(): void;
  /**
   * Stops streams, requests, event sources and workers in this order.
   *
   * @param graceMs Whatever takes longer is cut off.
   */
  stop(graceMs?: number): Promise<void>;
}

const STOP_GRACE_MS = 10_000;

/** The share of the grace within which a function may end its streams itself, before the host ends them. */
const STREAM_SHARE = 1 / 5;
/** For the sources to end after the invocations that were cut off. */
const CUT_OFF_GRACE_MS = 2_000;

/**
 * Starts a host. Until `open` nothing is consumed and every request is answered with 503; only `invoke` works.
 *
 * @throws if the description of the system is wrong, the port is taken or `prepare` fails.
 */
export async function startLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const { system, port, log } = options;
  checkSystem(system);
  const metrics = createProcessMetrics(options.metrics);
  const lambda = await openLambda({
    ...options,
    metrics,
    // A request's write reaches its consumers sooner than by the next regular poll.
    onTableWritten: () => {
      sources?.wake();
      options.onDataWritten?.();
    },
  });
  const { functions, background, lambdaEndpoint } = lambda;
  const amend = options.metrics && appendMetrics(metrics, options.metrics.page);
  const gateway = createGateway({ ...options, functions, amend });
  let server: HttpServer | undefined;
  let sources: RunningEventSources | undefined;
  let stopped: Promise<void> | undefined;

  async function stop(graceMs: number): Promise<void> {
    gateway.close();
    background.stop();
    const answered = server?.close(graceMs);
    const consumed = sources?.stop();
    await functions.endStreams(graceMs * STREAM_SHARE);
    await Promise.race([Promise.all([answered, consumed]), delay(graceMs, undefined, { ref: false })]);
    // Invocations that still run fail now, which ends their sources.
    await lambda.close(0);
    await Promise.race([consumed, delay(CUT_OFF_GRACE_MS, undefined, { ref: false })]);
  }

  try {
    // First, because it is the quickest to fail.
    server = await openHttpServer(port, gateway.handle, log);
    await options.prepare?.();
  } catch (error) {
    await stop(0);
    throw error;
  }
  functions.warm();
  return {
    url: server.url,
    lambdaEndpoint,
    functions,
    invoke: (name, event) => functions.invoke(name, JSON.stringify(event)),
    open: () => {
      sources ??= startEventSources({
        ...options,
        invoke: lambda.invokeForSource,
        invokeAsync: background.invoke,
      });
      gateway.open();
    },
    stop: (graceMs = STOP_GRACE_MS) => {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

/** The system's description contradicts itself or asks for what AWS can't do. */
export class SystemDescriptionError extends Error {
  constructor(problem: string) {
    super(`The description of the system is wrong: ${problem}.`);
    this.name = 'SystemDescriptionError';
  }
}

/**
 * Refuses a system that would fail only later, or only on AWS.
 *
 * @throws SystemDescriptionError, or FilterPatternError for a filter that the host doesn't understand or that never matches.
 */
export function checkSystem(system: HostedSystem): void {
  const { routes, defaultFunction, functionUrl, streams, topics, schedules } = system;
  for (const source of [...streams, ...topics, ...schedules]) {
    requireFunction(system, source.function, 'buffered', 'an event source');
  }
  for (const route of routes) requireFunction(system, route.function, 'buffered', routeKey(route));
  if (defaultFunction !== undefined)
    requireFunction(system, defaultFunction, 'buffered', 'the default route');
  if (functionUrl) requireFunction(system, functionUrl.function, 'stream', 'the function URL');
  refuseDuplicates(routes.map(routeKey));
  for (const { filters } of streams) compileFilter(filters);
}

function requireFunction(
  { functions }: HostedSystem,
  name: string,
  invocation: HostedFunction['invocation'],
  by: string,
): void {
  const definition = functions[name];
  if (!definition) throw new SystemDescriptionError(`${by} invokes "${name}", which doesn't exist`);
  if (definition.invocation !== invocation) {
    throw new SystemDescriptionError(
      `${by} can't invoke "${name}", because its invocation is ${definition.invocation}`,
    );
  }
}

function refuseDuplicates(keys: readonly string[]): void {
  const duplicate = keys.find((key, i) => keys.indexOf(key) !== i);
  if (duplicate !== undefined) throw new SystemDescriptionError(`the route ${duplicate} is declared twice`);
}
