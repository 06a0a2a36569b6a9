import { describe, expect, test } from 'vitest';
import { storedEvents } from '../../support/sets.ts';
import { DAYS, restartHost } from '../arena.ts';
import type { Point } from '../entries/reach.ts';
import { holdCommits } from '../held-commits.ts';
import { eventually, type Play } from '../play.ts';

/**
 * The host, killed by SIGKILL at each point between a click and the end of its way. The days that are on their way are the
 * run's last ones, so that no later click heals what the kill tore.
 */
export function killedHost(play: () => Play): void {
  async function killAt(point: Point): Promise<void> {
    const { arena, begin, client, killHostAt, finish } = play();
    await begin();
    await client.click(2);
    const held = arena.points.hold(point);
    await client.click(DAYS);
    await killHostAt(held);
    await finish();
  }

  describe('a host that is killed', () => {
    test('after the update, before publishing', () => killAt('publish'));
    test('after publishing, before anything tells of it', () => killAt('published'));
    test('after publishing, before published_index', () => killAt('published_index'));
    test('after commit, before the DynamoDB write', () => killAt('stored'));
    test('after the DynamoDB write, before the offset', () => killAt('progress'));

    test('after the insert, before commit', async () => {
      const { arena, begin, client, finish, whileHostIsAway } = play();
      const { pool } = arena.observed;
      const run = await begin();
      const commits = await holdCommits(pool);
      await client.click(DAYS);
      const connection = await eventually(async () => (await commits.waiting())[0] ?? expect.unreachable());
      await whileHostIsAway(async () => {
        await arena.system.kill();
        await commits.breakOff(connection);
        await commits.release();
        expect(await storedEvents(pool, run), 'rolled back').toEqual([]);
        await restartHost(arena.system);
      });
      await finish();
    });
  });
}
