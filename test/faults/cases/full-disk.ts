import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Arena, openArena } from '../environment.ts';
import { openPlay, type Play } from '../scenario.ts';
import { startIfEnded } from '../server-faults.ts';
import type { SmallDisk } from '../small-disk.ts';

/** Longer than the 15 s after which a publication fails. */
const FULL_FOR_MS = 20_000;
const LOOK_EVERY_MS = 500;

/** The disk of all three servers is full for a while, as a case on servers of its own. */
export function fullDisk(disk: SmallDisk): void {
  describe('a full disk', () => {
    let arena: Arena;
    let play: Play;
    beforeAll(async () => {
      arena = await openArena(disk.path);
      play = await openPlay(arena);
    }, 600_000);
    afterAll(async () => {
      await play?.close();
      await arena?.close();
      disk.unmount();
    });

    /** Starts servers that ended by themselves, as Kafka does when it can't write, until it is called off. */
    function supervise(): () => Promise<void> {
      const stopping = new AbortController();
      const { signal } = stopping;
      const supervision = (async () => {
        while (!signal.aborted) {
          // One whose start fails is started again at the next look.
          for (const { process: server } of Object.values(arena.servers))
            await startIfEnded(server).catch(() => undefined);
          await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
      })();
      return () => {
        stopping.abort();
        return supervision;
      };
    }

    test('costs nothing but time', { timeout: 1_200_000 }, async () => {
      const { begin, client, finish } = play;
      await begin();
      const held = arena.points.hold('publish');
      await client.advance(2);
      await held.reached;
      const makeRoom = await disk.fill();
      const over = wait(FULL_FOR_MS);
      try {
        held.release();
        for (let click = 0; click < 3; click += 1) await client.click(2);
        await over;
      } finally {
        await makeRoom();
      }
      const stop = supervise();
      try {
        // No later click heals what befell the days before it.
        await client.insist('/simulation/reset');
        await client.advance(2);
        await finish();
      } finally {
        await stop();
      }
    });
  });
}
