import type { StreamSink } from '../../runtime/multiplexer.ts';
import type { FunctionError, ResponsePrelude } from '../../runtime/protocol.ts';

/** A client that reads everything, or nothing until told to. */
export interface RecordingSink extends StreamSink {
  /** Set to false to simulate a client that reads nothing. */
  taking: boolean;
  readonly preludes: ResponsePrelude[];
  text(): string;
  bytes(): number;
  /** The memory that each chunk is a view of. */
  buffers(): readonly ArrayBufferLike[];
  /** Resolves when the response ended or was aborted. */
  readonly closed: Promise<'ended' | FunctionError | null>;
}

/** A sink that records what it receives. */
export function recordingSink(): RecordingSink {
  const { promise, resolve } = Promise.withResolvers<'ended' | FunctionError | null>();
  const preludes: ResponsePrelude[] = [];
  const chunks: Uint8Array[] = [];
  const sink: RecordingSink = {
    taking: true,
    preludes,
    text: () => Buffer.concat(chunks).toString(),
    bytes: () => chunks.reduce((sum, { byteLength }) => sum + byteLength, 0),
    buffers: () => chunks.map(({ buffer }) => buffer),
    closed: promise,
    prelude: (prelude) => void preludes.push(prelude),
    chunk(bytes) {
      chunks.push(bytes);
      return sink.taking;
    },
    end: () => resolve('ended'),
    fail: (error) => resolve(error),
  };
  return sink;
}
