import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { identify } from '../../../infra/local/servers/process-identity.ts';
import { type Arena, openArena } from '../arena.ts';
import { openPlay, type Play } from '../play.ts';
import type { SmallDisk } from '../small-disk.ts';

const FULL_FOR_MS = 10_000;

/** The disk of all three servers is full for a while, as a case on servers of its own. */
export function fullDisk(disk: SmallDisk): void {
  describe('a full disk', () => {
    let arena: Arena;
    let play: Play;
    beforeAll(async () => {
      arena = await openArena(disk.path);
      play = await openPlay(arena);
    }, 240_000);
    afterAll(async () => {
      await play?.close();
      await arena?.close();
      disk.unmount();
    });

    /** A server that ended by itself, as Kafka does when it can't write, is started again. */
    async function startEnded(): Promise<void> {
      for (const { process: server } of Object.values(arena.servers)) {
        if (server.pid !== null && identify(server.pid) !== null) continue;
        await server.kill();
        await server.start();
      }
    }

    test('costs nothing but time', { timeout: 300_000 }, async () => {
      const { begin, client, finish, reconcile } = play;
      await begin();
      await client.click(2);
      const makeRoom = await disk.fill();
      const over = wait(FULL_FOR_MS);
      try {
        for (let click = 0; click < 3; click += 1) await client.click(2);
        await over;
      } finally {
        await makeRoom();
      }
      await startEnded();
      await reconcile();
      await finish();
    });
  });
}
