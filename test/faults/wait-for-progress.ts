import { setTimeout as wait } from 'node:timers/promises';
import { withDeadline } from '../../shared/deadline.ts';
import { select } from '../../shared/mysql/connection.ts';
import type { Observed } from './comparison.ts';
import type { ResumingViewer } from './resuming-viewer.ts';
import { settings } from './settings.ts';

/**
 * Retries a check for as long as the system makes progress: a busy machine may be slow, but where nothing changes for too
 * long, nothing will.
 *
 * @throws Error with the check's last message and the system's state; its cause is the check's error.
 */
export type Eventually = <Result>(check: () => Result | Promise<Result>) => Promise<Result>;

const POLL_EVERY_MS = 150;

/**
 * @param movement Returns the system's state; any difference from the previous state is progress.
 * @param stallMs How long the state must stay unchanged before the wait fails.
 */
export function createProgressWaiter(
  movement: () => Promise<string>,
  stallMs = settings.stallMs,
): Eventually {
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
      await wait(POLL_EVERY_MS);
    }
  };
}

function stalled(cause: unknown, stand: string, stallMs: number): Error {
  const last = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new Error(`${last} Nothing has moved for ${stallMs / 1_000} s: ${stand}`, { cause });
}

/** An unavailable server must not block the observation. */
const LOOK_WITHIN_MS = 3_000;

/** The state of run, stored rows and viewers, bypassing all proxies. A starting host counts as progress; its start has limits of its own. */
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
    const { state, progress, day } = await store.readSnapshot();
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
