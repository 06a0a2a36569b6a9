import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Handles HTTP requests of a client of the AWS SDK. */
type HttpHandler = Pick<
  NodeHttpHandler,
  'destroy' | 'handle' | 'httpHandlerConfigs' | 'metadata' | 'updateHttpClientConfig'
>;

export interface HandlerBounds {
  /** Milliseconds to establish a connection. */
  readonly connectionTimeout: number;
  /** Milliseconds to wait for a response. */
  readonly requestTimeout: number;
}

/** Length of the slices in which a request's timeout is counted. */
const SLICE_MS = 100;

/**
 * The SDK's handler with a request timeout that doesn't count time during which the process was suspended. The SDK's own
 * timer does: when the process resumes, the timer fires before the socket is read and discards a response that has long
 * arrived. This timeout counts slices of 100 ms, and a suspension costs one slice however long it is.
 *
 * @returns A handler that throws a `TimeoutError` (which the SDK retries) after `requestTimeout`.
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

/** Calls a function after a number of slices. @returns a function that cancels the call. */
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

/** Named like the SDK's own error, by which the SDK decides whether to retry. */
function timeoutError(milliseconds: number, cause: unknown): Error {
  const error = new Error(`No response within ${milliseconds} ms.`, { cause });
  return Object.assign(error, { name: 'TimeoutError', code: 'ETIMEDOUT' });
}
