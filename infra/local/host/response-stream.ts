/**
 * The worker's side of streamed responses: what handlers write is gathered into one frame a turn of the event loop,
 * however many streams there are.
 */
import { Writable } from 'node:stream';
import {
  type FunctionError,
  type ResponsePrelude,
  STREAM_WINDOW_BYTES,
  type StreamFrame,
} from './protocol.ts';

/** A frame that grew this large is sent at once. */
const MAX_FRAME_BYTES = 1_048_576;

/** Hands a frame to the host. `bytes` is to be transferred, not copied. */
export type SendFrame = (frame: StreamFrame) => void;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Gathers what the streams of this worker have to send. */
export interface StreamOutbox {
  prelude(id: number, prelude: ResponsePrelude): void;
  /** Returns the number of bytes that the chunk has. */
  chunk(id: number, data: string | Uint8Array): number;
  end(id: number): void;
  /** The stream stays incomplete; with the error that its handler failed with, if it did. */
  break(id: number, error: FunctionError | null): void;
}

export function openOutbox(send: SendFrame): StreamOutbox {
  let next = emptyFrame();
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    const { pieces, size, preludes, chunks, ends, breaks } = next;
    next = emptyFrame();
    send({ kind: 'frame', preludes, bytes: joined(pieces, size), chunks, ends, breaks });
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  return {
    prelude(id, prelude) {
      next.preludes.push([id, prelude]);
      schedule();
    },
    chunk(id, data) {
      const { start, end } = spanOf(next, data);
      next.chunks.push([id, start, end]);
      schedule();
      if (next.size >= MAX_FRAME_BYTES) splitHere();
      return end - start;
    },
    end(id) {
      next.ends.push(id);
      schedule();
    },
    break(id, error) {
      next.breaks.push([id, error]);
      schedule();
    },
  };

  /** Sends what there is; a flush that is scheduled already takes what comes after. */
  function splitHere(): void {
    flush();
    scheduled = true;
  }
}

type FrameInProgress = ReturnType<typeof emptyFrame>;

function emptyFrame() {
  return {
    pieces: [] as Uint8Array[],
    size: 0,
    spans: new Map<string | Uint8Array, Span>(),
    preludes: [] as [number, ResponsePrelude][],
    chunks: [] as [number, number, number][],
    ends: [] as number[],
    breaks: [] as [number, FunctionError | null][],
  };
}

/** Where a chunk stands in the frame; the same object or text written to many streams stands there once. */
function spanOf(frame: FrameInProgress, data: string | Uint8Array): Span {
  const known = frame.spans.get(data);
  if (known) return known;
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const span = { start: frame.size, end: frame.size + bytes.byteLength };
  frame.pieces.push(bytes);
  frame.size = span.end;
  frame.spans.set(data, span);
  return span;
}

function joined(pieces: readonly Uint8Array[], size: number): ArrayBuffer {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes.buffer;
}

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
