import { expect, test } from 'vitest';
import { select } from '../../shared/mysql/connection.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/stores.ts';

const CONNECTION = 'SELECT CONNECTION_ID() AS id';

test('a pool keeps its connection between two requests, and replaces one that the server has closed', async () => {
  const database = await freshDatabase();
  const pool = database.open({ connectionLimit: 1 });
  const watcher = database.open({ connectionLimit: 1 });
  const connection = async () => (await select<{ id: number }>(pool, CONNECTION))[0]?.id;
  const isOpen = async (id: number | undefined) => {
    const sql = 'SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ?';
    return (await select(watcher, sql, [id])).length === 1;
  };

  const first = await connection();
  // mysql2 looks for idle connections once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await connection()).toBe(first);

  await pool.query('SET SESSION wait_timeout = 1');
  await eventually(async () => expect(await isOpen(first)).toBe(false));
  expect(await connection()).not.toBe(first);
  await Promise.all([pool.end(), watcher.end()]);
});
