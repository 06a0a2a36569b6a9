import { setTimeout as wait } from 'node:timers/promises';
import { withDeadline } from '../../shared/deadline.ts';
import { select } from '../../shared/mysql/connection.ts';
import type { Observed } from './comparison.ts';
import type { ResumingViewer } from './resuming-viewer.ts';
import { settings } from './settings.ts';

/**
 * Waits until a check passes, for as long as anything moves: a machine that does other work may make everything slow, but
 * where all stands still for too long nothing will come.
 *
 * @throws Error with what the check said last and where everything stands, caused by what the check threw.
 */
export type Eventually = <Result>(check: () => Result | Promise<Result>) => Promise<Result>;

const LOOK_EVERY_MS = 150;

/**
 * @param movement Tells where everything stands; what differs from the time before has moved.
 * @param stallMs For so long all has to stand still.
 */
export function createPatience(movement: () => Promise<string>, stallMs = settings.stallMs): Eventually {
  return async (check) => {
    let stand = '';
    let movedAt = performance.now();
    for (;;) {
      try {
        return await check();
      } catch (error) {
        const now = await movement();
        if (now !== stand) movedAt = performance.now();
        else if (performance.now() - movedAt > stallMs) throw stalled(error, now, stallMs);
        stand = now;
      }
      await wait(LOOK_EVERY_MS);
    }
  };
}

function stalled(cause: unknown, stand: string, stallMs: number): Error {
  const last = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new Error(`${last} Nothing has moved for ${stallMs / 1_000} s: ${stand}`, { cause });
}

/** A server that is away or stands still is not waited for. */
const LOOK_WITHIN_MS = 3_000;

/** Where run, stored rows and viewers stand, past all proxies. A host that starts moves, for its start has bounds of its own. */
export function movementOf(
  { pool, store }: Observed,
  viewers: readonly ResumingViewer[],
  isHostAway: () => boolean,
): () => Promise<string> {
  async function stored(): Promise<number | null> {
    const [row] = await select<{ head: number | null }>(pool, 'SELECT MAX(id) AS head FROM kafka_events');
    return row?.head ?? null;
  }

  async function simulation(): Promise<unknown> {
    const { state, progress, day } = await store.snapshot();
    return [state?.runId, state?.dayIndex, progress?.publishedIndex, progress?.headId, day?.dayReceived];
  }

  return async () => {
    const stand = {
      simulation: await known(simulation),
      stored: await known(stored),
      seen: viewers.map((viewer) => viewer.seen().sales.length),
      ...(isHostAway() ? { startingAt: Date.now() } : {}),
    };
    return JSON.stringify(stand);
  };
}

async function known(look: () => Promise<unknown>): Promise<unknown> {
  try {
    return await withDeadline(LOOK_WITHIN_MS, look(), () => new Error('late'));
  } catch {
    return 'unknown';
  }
}
