import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolOptions } from './buffered-pool.ts';
import { describeError, exited, functionErrorOf, hostStopping, timedOut } from './invocation-result.ts';
import {
  type FromWorker,
  type FunctionError,
  type ResponsePrelude,
  STREAM_WINDOW_BYTES,
  type StreamFrame,
} from './protocol.ts';
import { openWorkerSlot, type WorkerSlotOptions } from './worker-slot.ts';
import { WorkerStartError, type WorkerThread } from './worker-thread.ts';

/** One worker of a streaming function and the many streams it carries. */

/** Receives one streamed response. `end` or `fail` is the last call. */
export interface StreamSink {
  prelude(prelude: ResponsePrelude): void;
  /** @returns False if no further chunk should follow until `drained` is called. */
  chunk(bytes: Uint8Array): boolean;
  end(): void;
  /** The stream broke off; null if its handler closed it without an error. */
  fail(error: FunctionError | null): void;
}

/** How the owner of a sink reports on its client. */
export interface StreamHandle {
  drained(): void;
  /** The client has disconnected. */
  abort(): void;
}

interface Multiplexer {
  /** Streams that are open. */
  size(): number;
  /** Invokes the function with an event (JSON); its response goes to the sink. */
  open(event: string, sink: StreamSink): StreamHandle;
  warm(): void;
  /** Sends SIGTERM so that the function ends its streams, ends the rest after `graceMs` milliseconds, then the worker. */
  close(graceMs: number): Promise<void>;
}

type MultiplexerOptions = Omit<WorkerSlotOptions, 'streaming' | 'onMessage' | 'onExit'> & {
  readonly timeoutSeconds: number;
};

interface Stream {
  readonly id: number;
  readonly requestId: string;
  readonly sink: StreamSink;
  readonly timer: NodeJS.Timeout;
  /** Bytes that the sink has but its client hasn't. */
  untaken: number;
  /** Bytes that the client has received and the worker doesn't know of yet. */
  uncredited: number;
}

function openMultiplexer(options: MultiplexerOptions): Multiplexer {
  const { functionName, log, timeoutSeconds } = options;
  const slot = openWorkerSlot({ ...options, streaming: true, onMessage: receive, onExit: lose });
  const streams = new Map<number, Stream>();
  let thread: WorkerThread | undefined;
  let credits: [number, number][] = [];
  let aborts: number[] = [];
  let flushScheduled = false;
  let lastId = 0;
  let closed = false;

  function open(event: string, sink: StreamSink): StreamHandle {
    const stream: Stream = {
      id: ++lastId,
      requestId: randomUUID(),
      sink,
      // Node keeps timers of one duration in one list: many of them cost no more than one.
      timer: setTimeout(() => expire(stream), timeoutSeconds * 1000),
      untaken: 0,
      uncredited: 0,
    };
    streams.set(stream.id, stream);
    void begin(stream, event);
    return { drained: () => take(stream), abort: () => abort(stream) };
  }

  async function begin({ id, requestId }: Stream, event: string): Promise<void> {
    try {
      if (closed) throw new WorkerStartError(functionName, hostStopping());
      thread = await slot.ready();
      if (!streams.has(id)) return;
      const deadline = Date.now() + timeoutSeconds * 1000;
      thread.post({ kind: 'invoke', id, requestId, event, deadline });
    } catch (error) {
      finish(id)?.sink.fail(error instanceof WorkerStartError ? error.functionError : functionErrorOf(error));
    }
  }

  function receive(message: FromWorker): void {
    if (message.kind === 'frame') deliver(message);
    if (message.kind === 'failure') breakOff(message.id, message.error);
  }

  function deliver(frame: StreamFrame): void {
    for (const [id, prelude] of frame.preludes) streams.get(id)?.sink.prelude(prelude);
    for (const [id, start, end] of frame.chunks) forward(id, new Uint8Array(frame.bytes, start, end - start));
    for (const id of frame.ends) finish(id)?.sink.end();
    for (const [id, error] of frame.breaks) breakOff(id, error);
  }

  function forward(id: number, bytes: Uint8Array): void {
    const stream = streams.get(id);
    if (!stream) return;
    stream.untaken += bytes.byteLength;
    if (stream.sink.chunk(bytes)) take(stream);
  }

  /** Sends credit in portions, so that small chunks don't cost a message each. */
  function take(stream: Stream): void {
    stream.uncredited += stream.untaken;
    stream.untaken = 0;
    if (stream.uncredited < STREAM_WINDOW_BYTES / 2 || !streams.has(stream.id)) return;
    credits.push([stream.id, stream.uncredited]);
    stream.uncredited = 0;
    scheduleFlush();
  }

  function abort({ id }: Stream): void {
    if (!finish(id)) return;
    aborts.push(id);
    scheduleFlush();
  }

  /** Whatever many clients do within one turn of the event loop costs two messages. */
  function scheduleFlush(): void {
    if (flushScheduled) return;
    flushScheduled = true;
    setImmediate(() => {
      if (credits.length > 0) thread?.post({ kind: 'credit', credits });
      if (aborts.length > 0) thread?.post({ kind: 'abort', ids: aborts });
      flushScheduled = false;
      credits = [];
      aborts = [];
    });
  }

  function breakOff(id: number, error: FunctionError | null): void {
    if (error) log.write('ERROR', `A stream of ${functionName} failed.`, { failure: describeError(error) });
    finish(id)?.sink.fail(error);
  }

  function expire(stream: Stream): void {
    abort(stream);
    stream.sink.fail(timedOut(stream.requestId, timeoutSeconds));
  }

  function lose(reason: string): void {
    thread = undefined;
    for (const { id, requestId } of [...streams.values()]) finish(id)?.sink.fail(exited(requestId, reason));
  }

  function finish(id: number): Stream | undefined {
    const stream = streams.get(id);
    clearTimeout(stream?.timer);
    streams.delete(id);
    return stream;
  }

  async function close(graceMs: number): Promise<void> {
    closed = true;
    thread?.post({ kind: 'shutdown' });
    const deadline = Date.now() + graceMs;
    while (streams.size > 0 && Date.now() < deadline) await delay(10);
    for (const id of [...streams.keys()]) finish(id)?.sink.end();
    await slot.close();
  }

  return { size: () => streams.size, open, warm: () => slot.warm(), close };
}

export interface StreamingPool {
  /** Invokes the function with an event (JSON); its response goes to the sink. */
  open(event: string, sink: StreamSink): StreamHandle;
  warm(): void;
  close(graceMs: number): Promise<void>;
}

/** The workers of one streaming function; a new stream goes to the one that carries the fewest. */
export function openStreamingPool(options: PoolOptions): StreamingPool {
  const multiplexers = Array.from({ length: options.workers }, () => openMultiplexer(options));
  return {
    open(event, sink) {
      const least = multiplexers.reduce((best, multiplexer) =>
        multiplexer.size() < best.size() ? multiplexer : best,
      );
      return least.open(event, sink);
    },
    warm: () => {
      for (const multiplexer of multiplexers) multiplexer.warm();
    },
    async close(graceMs) {
      await Promise.all(multiplexers.map((multiplexer) => multiplexer.close(graceMs)));
    },
  };
}
