import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { ManagedServer } from '../../../infra/local/servers/managed-server.ts';
import { identify } from '../../../infra/local/servers/process-identity.ts';
import { type Arena, openArena } from '../arena.ts';
import { openPlay, type Play } from '../play.ts';
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
          for (const { process: server } of Object.values(arena.servers)) await startIfEnded(server);
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

async function startIfEnded(server: ManagedServer): Promise<void> {
  if (server.pid !== null && identify(server.pid) !== null) return;
  await server.kill();
  await server.start();
}
