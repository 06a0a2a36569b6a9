import { type CursorOptions, createCursor } from './cursor.ts';
import { HEARTBEAT_FRAME, retryFrame } from './frames.ts';
import type { StreamTimings } from './settings.ts';
import type { WakeSignal } from './signal.ts';

export interface ViewerOptions extends CursorOptions {
  /** Wakes this viewer when there is something new, and at every tick. */
  readonly signal: WakeSignal;
  readonly timings: CursorOptions['timings'] & Pick<StreamTimings, 'heartbeatMs' | 'browserRetryMs'>;
  /** Whether the stream is to end in good order now. */
  readonly isOver: () => boolean;
}

/**
 * The chunks of one viewer's stream, made when the viewer takes them: for a slow reader nothing piles up. It ends only
 * in good order; a failure of the stores lets it wait.
 */
export async function* viewerChunks(options: ViewerOptions): AsyncGenerator<Buffer, void> {
  const { signal, clock, timings, isOver } = options;
  const nextChunk = createCursor(options);
  yield retryFrame(timings.browserRetryMs);
  let sentAt = clock.now();
  while (!isOver()) {
    const isSilent = clock.now() - sentAt >= timings.heartbeatMs;
    const chunk = nextChunk() ?? (isSilent ? HEARTBEAT_FRAME : null);
    if (chunk) {
      yield chunk;
      sentAt = clock.now();
    } else {
      await signal.wait();
    }
  }
}
