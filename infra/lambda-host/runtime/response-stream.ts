import { Writable } from 'node:stream';
import type { PendingChunks } from './pending-chunks.ts';
import { type ResponsePrelude, STREAM_WINDOW_BYTES } from './protocol.ts';

/** The response stream that a streaming handler writes to. It accepts as much as the window allows and holds back the rest. */
export class ResponseStream extends Writable {
  readonly #id: number;
  readonly #pending: PendingChunks;
  #inFlight = 0;
  #resume: ((error?: Error) => void) | undefined;
  #ended = false;
  #contentType = 'application/octet-stream';
  #preludeSent = false;
  #aborted = false;

  constructor(id: number, pending: PendingChunks) {
    super({ decodeStrings: false });
    this.#id = id;
    this.#pending = pending;
  }

  /** Sets the content type of a response without a prelude, as the stream of Lambda's runtime does. */
  setContentType(contentType: string): void {
    this.#contentType = contentType;
  }

  /** Whether the client disconnected; a handler's error after that is no failure. */
  get closedByClient(): boolean {
    return this.#aborted;
  }

  /** Sends status, headers and cookies; only the first call has an effect. */
  sendPrelude(prelude: ResponsePrelude): void {
    if (this.#preludeSent || this.destroyed) return;
    this.#preludeSent = true;
    this.#pending.prelude(this.#id, prelude);
  }

  /** The client has received some bytes. */
  credit(bytes: number): void {
    this.#inFlight -= bytes;
    if (this.#inFlight >= STREAM_WINDOW_BYTES) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  /** The client has disconnected: nothing more is sent, and the handler sees the stream close. */
  abort(): void {
    this.#aborted = true;
    this.#ended = true;
    this.destroy();
  }

  /** Holds a write back while the client has more than a window of unread bytes. */
  override _write(
    chunk: string | Uint8Array,
    encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#sendDefaultPrelude();
    const data = typeof chunk === 'string' && !isUtf8(encoding) ? Buffer.from(chunk, encoding) : chunk;
    if (data.length > 0) this.#inFlight += this.#pending.chunk(this.#id, data);
    if (this.#inFlight < STREAM_WINDOW_BYTES) done();
    else this.#resume = done;
  }

  /** Ends the response, with a prelude of its own if the handler has written nothing. */
  override _final(done: (error?: Error | null) => void): void {
    this.#sendDefaultPrelude();
    this.#ended = true;
    this.#pending.end(this.#id);
    done();
  }

  /** Breaks the response off unless it has ended, and fails a write that was held back. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#ended) this.#pending.break(this.#id, null);
    this.#ended = true;
    done(error);
    // A write that was held back must not wait forever.
    this.#resume?.(error ?? new Error('The response stream was closed before the write was sent.'));
    this.#resume = undefined;
  }

  #sendDefaultPrelude(): void {
    if (this.#preludeSent) return;
    this.sendPrelude({ statusCode: 200, headers: { 'content-type': this.#contentType }, cookies: [] });
  }
}

function isUtf8(encoding: BufferEncoding): boolean {
  return encoding === 'utf8' || encoding === 'utf-8';
}

/** The property by which the runtime recognizes a streaming handler. */
export const STREAMING_HANDLER = Symbol.for('aws.lambda.runtime.handler.streaming');

/** The metadata that `HttpResponseStream.from` accepts; other fields are ignored, as on AWS. */
interface PreludeInput {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
}

/**
 * The global that Lambda's Node runtime offers to handlers. It must exist before a handler is imported.
 * https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */
export const awslambda = {
  streamifyResponse<Handler extends object>(handler: Handler): Handler {
    return Object.assign(handler, { [STREAMING_HANDLER]: 'response' });
  },
  HttpResponseStream: {
    /** Sends status and headers; the body is written to the returned stream. */
    from(stream: unknown, prelude: PreludeInput): ResponseStream {
      if (!(stream instanceof ResponseStream)) {
        throw new TypeError(
          'HttpResponseStream.from must get the response stream that the handler was given.',
        );
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
