/**
 * The worker's side of streamed responses. Everything that handlers write within one turn of the event loop is sent as one
 * frame, however many streams there are.
 */
import type { FunctionError, ResponsePrelude, StreamFrame } from './protocol.ts';

/** A frame of this size is sent immediately. */
const MAX_FRAME_BYTES = 1_048_576;

/** Sends a frame to the host. `bytes` is meant to be transferred, not copied. */
export type SendFrame = (frame: StreamFrame) => void;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Collects what the streams of this worker send. */
export interface PendingChunks {
  prelude(id: number, prelude: ResponsePrelude): void;
  /** @returns The size of the chunk in bytes. */
  chunk(id: number, data: string | Uint8Array): number;
  end(id: number): void;
  /** The stream stays incomplete; with the error that its handler failed with, if it did. */
  break(id: number, error: FunctionError | null): void;
}

/**
 * Collects what streams write within one turn of the event loop and sends it as one frame.
 *
 * @param send Called once per turn in which something was written.
 */
export function openPendingChunks(send: SendFrame): PendingChunks {
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

  /** Sends the frame so far; an already scheduled flush sends the rest. */
  function splitHere(): void {
    flush();
    scheduled = true;
  }
}

interface FrameInProgress {
  readonly pieces: Uint8Array[];
  /** Bytes of all pieces. */
  size: number;
  readonly spans: Map<string | Uint8Array, Span>;
  readonly preludes: [id: number, prelude: ResponsePrelude][];
  readonly chunks: [id: number, start: number, end: number][];
  readonly ends: number[];
  readonly breaks: [id: number, error: FunctionError | null][];
}

function emptyFrame(): FrameInProgress {
  return { pieces: [], size: 0, spans: new Map(), preludes: [], chunks: [], ends: [], breaks: [] };
}

/** The position of a chunk in the frame. An object or text that is written to many streams is in it once. */
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
