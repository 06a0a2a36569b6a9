import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Handles HTTP requests of a client of the AWS SDK. */
type HttpHandler = Pick<
  NodeHttpHandler,
  'destroy' | 'handle' | 'httpHandlerConfigs' | 'metadata' | 'updateHttpClientConfig'
>;

export interface HandlerBounds {
  /** ms until a connection that isn't established is given up. */
  readonly connectionTimeout: number;
  /** ms until a request without an answer is given up. */
  readonly requestTimeout: number;
}

/** A part of the time that a request may take. */
const SLICE_MS = 100;

/**
 * The SDK's handler with a bound on requests of its own. The SDK's runs by the clock: a process that stood still for as long
 * gives up an answer that has long arrived, for timers come before sockets. This one counts in slices, of which such a time
 * costs one.
 */
export function boundedHandler({ connectionTimeout, requestTimeout }: HandlerBounds): HttpHandler {
  const inner = new NodeHttpHandler({ connectionTimeout });
  return {
    metadata: inner.metadata,
    destroy: () => inner.destroy(),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
    updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
    async handle(request, options = {}) {
      const { abortSignal } = options;
      if (abortSignal && !(abortSignal instanceof AbortSignal))
        throw new TypeError('Only an AbortSignal of Node can call off a request.');
      const late = new AbortController();
      const stop = afterSlices(Math.ceil(requestTimeout / SLICE_MS), () => late.abort());
      const signals = abortSignal ? [late.signal, abortSignal] : [late.signal];
      try {
        return await inner.handle(request, { ...options, abortSignal: AbortSignal.any(signals) });
      } catch (error) {
        throw late.signal.aborted ? timeoutError(requestTimeout, error) : error;
      } finally {
        stop();
      }
    },
  };
}

/** @returns what calls it off. */
function afterSlices(count: number, call: () => void): () => void {
  let left = count;
  let timer = setTimeout(pass, SLICE_MS);
  function pass(): void {
    left -= 1;
    if (left > 0) timer = setTimeout(pass, SLICE_MS);
    else call();
  }
  return () => clearTimeout(timer);
}

/** Looks like the SDK's own, by which it knows what it may send again. */
function timeoutError(milliseconds: number, cause: unknown): Error {
  const error = new Error(`The request was not answered within ${milliseconds} ms.`, { cause });
  return Object.assign(error, { name: 'TimeoutError', code: 'ETIMEDOUT' });
}
