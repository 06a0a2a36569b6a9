import type { PoolOptions } from './buffered-pool.ts';
import { openStreamCarrier, type StreamHandle, type StreamSink } from './stream-carrier.ts';

export interface StreamingPool {
  /** Invokes the function with an event (JSON); its response goes to the sink. */
  open(event: string, sink: StreamSink): StreamHandle;
  warm(): void;
  close(graceMs: number): Promise<void>;
}

/** The workers of one streaming function; a new stream goes to the one that carries the fewest. */
export function openStreamingPool(options: PoolOptions): StreamingPool {
  const carriers = Array.from({ length: options.workers }, () => openStreamCarrier(options));
  return {
    open(event, sink) {
      const least = carriers.reduce((best, carrier) => (carrier.size() < best.size() ? carrier : best));
      return least.open(event, sink);
    },
    warm: () => {
      for (const carrier of carriers) carrier.warm();
    },
    async close(graceMs) {
      await Promise.all(carriers.map((carrier) => carrier.close(graceMs)));
    },
  };
}
