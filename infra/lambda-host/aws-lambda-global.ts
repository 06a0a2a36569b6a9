import type { ResponsePrelude } from './protocol.ts';
import { ResponseStream } from './response-stream.ts';

/** By this property the runtime knows a handler that streams. */
export const STREAMING_HANDLER = Symbol.for('aws.lambda.runtime.handler.streaming');

/** What `HttpResponseStream.from` takes; anything but these fields is ignored, as by AWS. */
interface PreludeInput {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
}

/**
 * The global that Lambda's Node runtime gives to handlers. It must stand before a handler is imported.
 * https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */
export const awslambda = {
  streamifyResponse<Handler extends object>(handler: Handler): Handler {
    return Object.assign(handler, { [STREAMING_HANDLER]: 'response' });
  },
  HttpResponseStream: {
    /** Gives status and headers over; the returned stream takes the body. */
    from(stream: unknown, prelude: PreludeInput): ResponseStream {
      if (!(stream instanceof ResponseStream)) {
        throw new TypeError('HttpResponseStream.from wants the response stream that the handler was given.');
      }
      stream.sendPrelude(normalized(prelude));
      return stream;
    },
  },
};

function normalized({ statusCode = 200, headers = {}, cookies = [] }: PreludeInput): ResponsePrelude {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return {
    statusCode,
    headers: Object.fromEntries(present.map(([name, value]) => [name.toLowerCase(), String(value)])),
    cookies: [...cookies],
  };
}
