/** Runs Lambda functions in worker threads of this process, together with everything that invokes them. */
import { setTimeout as delay } from 'node:timers/promises';
import { checkSystem } from './check-system.ts';
import { type RunningEventSources, startEventSources } from './event-sources/event-sources.ts';
import { createGateway } from './gateway/gateway.ts';
import { appendMetrics } from './gateway/http-response.ts';
import { type HttpServer, openHttpServer } from './gateway/http-server.ts';
import { openLambda } from './lambda.ts';
import { createProcessMetrics } from './metrics/process-metrics.ts';
import type { LambdaHostOptions } from './options.ts';
import type { Functions } from './runtime/functions.ts';
import type { InvocationResult } from './runtime/invocation-result.ts';

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
