import { expect, test } from 'vitest';
import { WRITER_SESSION } from '../../../../functions/consumer/event-writer.ts';
import { isDependencyFailure } from '../../../../shared/http/problem-documents.ts';
import { select, WITHOUT_LIMIT } from '../../../../shared/mysql/connection.ts';
import { eventually } from '../../../support/eventually.ts';
import { freshDatabase } from '../../../support/stores.ts';

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

test('a session is configured before its first statement, whatever the defaults of the server', async () => {
  const database = await freshDatabase();
  const [usual, writer] = [database.open(), database.open({ session: WRITER_SESSION })];
  const variables = ['time_zone', 'sql_mode', 'wait_timeout', 'innodb_lock_wait_timeout'];
  const settings = `SELECT ${variables.map((name) => `@@SESSION.${name} AS ${name}`).join(', ')}`;
  const strict = expect.stringContaining('STRICT_ALL_TABLES');
  expect(await select(usual, settings)).toMatchObject([
    { time_zone: '+00:00', sql_mode: strict, wait_timeout: 60 },
  ]);
  expect(await select(writer, settings)).toMatchObject([
    { time_zone: '+00:00', sql_mode: strict, wait_timeout: 30, innodb_lock_wait_timeout: 15 },
  ]);
  await Promise.all([usual.end(), writer.end()]);
});

test('a query after a suspension gets a working connection, though the server has closed all idle ones', async () => {
  const database = await freshDatabase();
  const pool = database.open({ connectionLimit: 3, session: { wait_timeout: 1 } });
  const openAll = () => Promise.all([1, 2, 3].map(() => select(pool, `${CONNECTION}, SLEEP(0.2)`)));
  const ask = async (sql: string) => (await pool.query(sql))[0];
  for (const use of [() => select(pool, 'SELECT 1 AS one'), () => ask('SELECT 1 AS one')]) {
    expect(new Set((await openAll()).map(([row]) => JSON.stringify(row))).size).toBe(3);
    standStill(3_000);
    expect(await use()).toEqual([{ one: 1 }]);
  }
  await pool.end();
});

/** Suspends this process, as a function's between two invocations: no code runs and no event arrives. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const NUMBERS = 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000)';
/** A thousand million rows: minutes. */
const ENDLESS = `${NUMBERS} SELECT COUNT(*) AS rows_read FROM n a CROSS JOIN n b CROSS JOIN n c WHERE a.i + b.i + c.i < 0`;
const RUNNING = 'SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND INFO LIKE ?';

test('the server ends a read that nobody waits for any more, and the error counts as an outage, not as a defect', async () => {
  const database = await freshDatabase();
  const pool = database.open({ connectionLimit: 1, readLimitMs: 2_000 });
  const watcher = database.open({ connectionLimit: 1 });
  const reading = select(pool, ENDLESS);
  reading.catch(() => undefined);
  const running = () => select(watcher, RUNNING, ['%rows_read%']);
  await eventually(async () => expect(await running()).toHaveLength(1));
  await eventually(async () => expect(await running()).toEqual([]));
  const error = await reading.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ errno: expect.toBeOneOf([1969, 3024]) });
  expect(isDependencyFailure(error)).toBe(true);
  expect(await select(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await Promise.all([pool.end(), watcher.end()]);
});

test('a write of a pool with limited reads takes as long as it needs', async () => {
  const database = await freshDatabase();
  const pool = database.open({ connectionLimit: 1, readLimitMs: 300 });
  await pool.query('CREATE TABLE slow_writes (id INT PRIMARY KEY)');
  const began = performance.now();
  await pool.query(`${WITHOUT_LIMIT}INSERT INTO slow_writes (id) SELECT SLEEP(1)`);
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(await select(pool, 'SELECT id FROM slow_writes')).toEqual([{ id: 0 }]);
  await pool.end();
});
