import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { openHttpServer } from './gateway/http-server.ts';
import { createInvokeApi } from './gateway/invoke-api.ts';
import type { HostLog } from './log.ts';
import type { ProcessMetrics } from './metrics/process-metrics.ts';
import type { LambdaHostOptions } from './options.ts';
import { type Functions, openFunctions } from './runtime/functions.ts';
import type { InvocationResult } from './runtime/invocation-result.ts';
import { describeError } from './runtime/invocation-result.ts';

/** The functions and the Invoke API, by which they invoke each other. */
export interface Lambda {
  readonly functions: Functions;
  /** Invokes for an event source. Its writes follow from a request's write, so they are no reason to poll the table's stream. */
  readonly invokeForSource: Functions['invoke'];
  readonly background: AsyncInvoker;
  /** Where the Invoke API is answered, for the AWS SDK's `AWS_ENDPOINT_URL_LAMBDA`. */
  readonly lambdaEndpoint: string;
  close(graceMs: number): Promise<void>;
}

/** Longer than a worker that was ended could have had a request on its way. */
const WRITE_ON_ITS_WAY_MS = 5_000;

export interface LambdaOptions
  extends Pick<
    LambdaHostOptions,
    'system' | 'root' | 'region' | 'environment' | 'compileCache' | 'log' | 'onTableWrite'
  > {
  readonly metrics: Pick<ProcessMetrics, 'listen'>;
  /** Called after an invocation of a function that writes a table, unless it was a request that only reads. */
  readonly onTableWritten: () => void;
}

/**
 * Opens the functions and the Invoke API that they and the host call each other by.
 *
 * @throws the system's error if no port is free.
 */
export async function openLambda(options: LambdaOptions): Promise<Lambda> {
  const { system, region, log } = options;
  // The functions need the address of the API that invokes them, and the API needs the functions.
  const server = await openHttpServer(0, (message, response) => invokeApi(message, response), log);
  const lambdaEndpoint = server.url;
  const opened = openFunctions({
    ...options,
    functions: system.functions,
    environmentOf: (name) => options.environment(name, lambdaEndpoint),
  });
  const hosted: Functions = {
    ...opened,
    async invoke(name, event, waitMs) {
      const ended = system.functions[name]?.writesTable ? options.onTableWrite?.() : undefined;
      const result = await opened.invoke(name, event, waitMs);
      if (ended && mayStillWrite(result)) setTimeout(ended, WRITE_ON_ITS_WAY_MS).unref();
      else ended?.();
      return result;
    },
  };
  const functions: Functions = {
    ...hosted,
    async invoke(name, event, waitMs) {
      const result = await hosted.invoke(name, event, waitMs);
      if (system.functions[name]?.writesTable && !isRead(event)) options.onTableWritten();
      return result;
    },
  };
  const background = createAsyncInvoker(functions, log);
  const invokeApi = createInvokeApi({ functions, invokeAsync: background.invoke, region });
  return {
    functions,
    invokeForSource: hosted.invoke,
    background,
    lambdaEndpoint,
    async close(graceMs) {
      background.stop();
      await functions.close(graceMs);
      await server.close(0);
    },
  };
}

/** Lambda retries a failed asynchronous invocation twice: after one minute, and after two more. */
const RETRY_AFTER_MS = [60_000, 120_000];

/** Invokes functions without waiting for a result, as invocation type `Event` and schedules do. */
export interface AsyncInvoker {
  invoke(name: string, event: string): void;
  /** Cancels pending retries. */
  stop(): void;
}

/**
 * Creates an invoker that retries failed events, as Lambda does.
 *
 * @param retryAfterMs Milliseconds to wait before each retry, in order; after the last one an event is dropped and logged.
 */
export function createAsyncInvoker(
  functions: Pick<Functions, 'invoke'>,
  log: HostLog,
  retryAfterMs: readonly number[] = RETRY_AFTER_MS,
): AsyncInvoker {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function attempt(name: string, event: string): Promise<void> {
    for (const pause of [...retryAfterMs, null]) {
      const { error } = await functions.invoke(name, event);
      if (!error || signal.aborted) return;
      const next = pause === null ? 'No retry is left.' : `Retrying in ${pause / 1000} s.`;
      log.write('ERROR', `${name} failed. ${next}`, { failure: describeError(error) });
      if (pause !== null) await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  return { invoke: (name, event) => void attempt(name, event), stop: () => stopping.abort() };
}

/**
 * Whether a write may still be on its way to the table: the function failed, or answered an error of a server, such as that the outcome
 * of a request isn't known. A body is text in which the quotes are escaped, so it can't be taken for the field.
 */
function mayStillWrite({ error, payload }: InvocationResult): boolean {
  return error !== null || payload.includes('"statusCode":5');
}

const readSchema = z.object({
  requestContext: z.object({ http: z.object({ method: z.enum(['GET', 'HEAD']) }) }),
});

/** Whether an event is a request by a method that changes nothing. */
function isRead(event: string): boolean {
  return readSchema.safeParse(JSON.parse(event)).success;
}
