import { Writable } from 'node:stream';
import { type ResponsePrelude, STREAM_WINDOW_BYTES } from './protocol.ts';
import type { StreamOutbox } from './stream-outbox.ts';

/** The response stream that a streaming handler writes to. It takes what the window allows and holds back the rest. */
export class ResponseStream extends Writable {
  readonly #id: number;
  readonly #outbox: StreamOutbox;
  #inFlight = 0;
  #resume: ((error?: Error) => void) | undefined;
  #ended = false;
  #contentType = 'application/octet-stream';
  #preludeSent = false;
  #aborted = false;

  constructor(id: number, outbox: StreamOutbox) {
    super({ decodeStrings: false });
    this.#id = id;
    this.#outbox = outbox;
  }

  /** The type of a response that has no prelude of its own, as the runtime's stream offers it. */
  setContentType(contentType: string): void {
    this.#contentType = contentType;
  }

  /** Whether the client broke off; a handler that fails after that has not failed. */
  get closedByClient(): boolean {
    return this.#aborted;
  }

  sendPrelude(prelude: ResponsePrelude): void {
    if (this.#preludeSent || this.destroyed) return;
    this.#preludeSent = true;
    this.#outbox.prelude(this.#id, prelude);
  }

  /** The client has taken some bytes. */
  credit(bytes: number): void {
    this.#inFlight -= bytes;
    if (this.#inFlight >= STREAM_WINDOW_BYTES) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  /** The client has gone: nothing more is to be sent, and whoever writes learns of it by the stream's closing. */
  abort(): void {
    this.#aborted = true;
    this.#ended = true;
    this.destroy();
  }

  override _write(
    chunk: string | Uint8Array,
    encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#sendDefaultPrelude();
    const data = typeof chunk === 'string' && !isUtf8(encoding) ? Buffer.from(chunk, encoding) : chunk;
    if (data.length > 0) this.#inFlight += this.#outbox.chunk(this.#id, data);
    if (this.#inFlight < STREAM_WINDOW_BYTES) done();
    else this.#resume = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sendDefaultPrelude();
    this.#ended = true;
    this.#outbox.end(this.#id);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#ended) this.#outbox.break(this.#id, null);
    this.#ended = true;
    done(error);
    // Whoever waits for a write that was held back learns that nothing more comes of it.
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
