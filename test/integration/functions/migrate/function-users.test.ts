import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { storeBatch, WRITER_SESSION } from '../../../../functions/consumer/event-writer.ts';
import { applyFunctionUsers } from '../../../../functions/migrate/function-users.ts';
import { migrate, readMigrations } from '../../../../functions/migrate/migrations.ts';
import { mysqlFunctionsOf } from '../../../../infra/capability-resources.ts';
import { mysqlSettingsOf } from '../../../../infra/local/environment.ts';
import { createDatabaseIfMissing } from '../../../../infra/local/stores/stores.ts';
import { functions } from '../../../../infra/system.ts';
import { openPool, type Pool } from '../../../../shared/mysql/connection.ts';
import { functionUser, localPassword, privilegesOf } from '../../../../shared/mysql/privileges.ts';
import { isMariadb } from '../../../support/mysql-engine.ts';
import { ownNames } from '../../../support/names.ts';
import { saleEvent } from '../../../support/sale-events.ts';

const servers = inject('servers');
const { database } = ownNames();
const mysqlFunctions = mysqlFunctionsOf(functions);
const names = Object.keys(mysqlFunctions);
const users = Object.fromEntries(
  Object.entries(mysqlFunctions).map(([name, capabilities]) => [functionUser(database, name), capabilities]),
);
const functionUsers = { users, ownerPassword: servers.mysql.password };
const silent = { info: () => {}, warn: () => {} };

let owner: Pool;
const pools = new Map<string, Pool>();
let tables: string[];
let isMariaDb: boolean;

beforeAll(async () => {
  const settings = mysqlSettingsOf(servers, database);
  await createDatabaseIfMissing(settings);
  owner = openPool(settings, { connectionLimit: 2 });
  await migrate(owner, await readMigrations('data/schema'), silent);
  await applyFunctionUsers(owner, functionUsers);
  isMariaDb = await isMariadb(owner);
  const [rows] = await owner.query('SHOW TABLES');
  tables = (rows as object[]).flatMap((row) => Object.values(row).map(String));
  for (const name of names) {
    const user = functionUser(database, name);
    const account = { MYSQL_USER: user, MYSQL_PASSWORD: localPassword(servers.mysql.password, user) };
    pools.set(name, openPool({ ...settings, ...account }, { connectionLimit: 1 }));
  }
});

afterAll(async () => {
  for (const pool of pools.values()) await pool.end();
  for (const user of Object.keys(users)) await owner.query("DROP USER IF EXISTS ?@'%'", [user]);
  await owner.query('DROP DATABASE IF EXISTS ??', [database]);
  await owner.end();
});

/** Refused for lack of a privilege: on a database, a table or a column. */
const DENIED = new Set([
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
]);

/** Whether a function's user may execute a statement, which need not succeed otherwise. */
async function may(name: string, sql: string, values: readonly unknown[]): Promise<boolean> {
  try {
    await pools.get(name)?.query(sql, [...values]);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('ER_ACCESS_DENIED') || !code.startsWith('ER_')) throw error;
    return !DENIED.has(code);
  }
}

/** Statements that need one privilege each and change nothing: no table takes a row of 99 columns. */
const STATEMENTS = {
  SELECT: 'SELECT COUNT(*) FROM ??',
  INSERT: `INSERT INTO ?? VALUES (${Array.from({ length: 99 }, () => 1).join()})`,
  DELETE: 'DELETE FROM ?? WHERE 1 = 0',
  CREATE: 'CREATE INDEX unwanted ON ?? (nothing)',
  ALTER: 'ALTER TABLE ?? DROP COLUMN nothing',
} as const;

describe("the functions' users in MySQL", () => {
  it('every function that uses MySQL has a user, and all but the migrations one of their own', () => {
    const using = Object.entries(functions).filter(([, { uses }]) =>
      uses.some((capability) => capability.startsWith('mysql:')),
    );
    expect(using.map(([name]) => name).filter((name) => name !== 'migrate')).toEqual(names);
    expect(functions.migrate.uses).toContain('mysql:own');
  });

  it.each(names)(
    'the user of %s may do on each table what its capabilities say and nothing else',
    async (name) => {
      const declared = privilegesOf(mysqlFunctions[name] ?? []);
      expect(tables.length).toBeGreaterThan(8);
      for (const table of tables) {
        for (const [privilege, sql] of Object.entries(STATEMENTS)) {
          const isDeclared = declared.get(table)?.includes(privilege) ?? false;
          expect(await may(name, sql, [table]), `${privilege} on ${table}`).toBe(isDeclared);
        }
      }
    },
  );

  it.each(names)("the user of %s can't change what is stored", async (name) => {
    for (const [column, table] of [
      ['units_sold', 'kafka_events'],
      ['price', 'sales_facts'],
      ['reason', 'dead_letters'],
    ]) {
      const values = [table, column, column];
      // MariaDB knows no narrower privilege for the consumer's inserts.
      const isWide = isMariaDb && name === 'consumer' && table !== 'sales_facts';
      expect(await may(name, 'UPDATE ?? SET ?? = ?? WHERE 1 = 0', values), table).toBe(isWide);
    }
    expect(await may(name, 'DROP TABLE ??', ['kafka_events'])).toBe(false);
    expect(await may(name, 'TRUNCATE TABLE ??', ['kafka_events'])).toBe(false);
  });

  it("a function's user sees no other database and can neither create users nor read accounts", async () => {
    for (const name of names) {
      expect(await may(name, 'SELECT COUNT(*) FROM mysql.user', []), name).toBe(false);
      expect(await may(name, 'CREATE DATABASE ??', [`${database}_other`]), name).toBe(false);
    }
    const creation = pools.get('feed')?.query("CREATE USER 'unwanted'@'%'");
    await expect(creation).rejects.toMatchObject({ code: expect.stringMatching(/DENIED/) });
  });

  it("the consumer's user stores a batch with a duplicate and a dead letter, and locks the other writers out", async () => {
    const event = saleEvent({});
    const letter = {
      topic: 'sales',
      partition: 0,
      offset: '1',
      key: null,
      value: Buffer.from('?'),
      reason: 'unreadable',
      undecodable: false,
    };
    const user = functionUser(database, 'consumer');
    const account = { MYSQL_USER: user, MYSQL_PASSWORD: localPassword(servers.mysql.password, user) };
    const pool = openPool(
      { ...mysqlSettingsOf(servers, database), ...account },
      { connectionLimit: 1, multipleStatements: true, session: WRITER_SESSION },
    );
    const batch = {
      events: [event, event].map((each) => ({ event: each, traceId: null })),
      deadLetters: [letter, letter],
    };
    expect((await storeBatch(pool, batch)).inserted).toBe(1);
    expect((await storeBatch(pool, batch)).inserted).toBe(0);
    await pool.end();
  });

  it('applying the users again takes away what the capabilities no longer say, and keeps the rest', async () => {
    const user = functionUser(database, 'feed');
    await owner.query("GRANT DELETE, UPDATE (weather) ON kafka_events TO ?@'%'", [user]);
    await owner.query("GRANT SELECT ON sales_facts TO ?@'%'", [user]);
    await applyFunctionUsers(owner, functionUsers);
    expect(await may('feed', STATEMENTS.DELETE, ['kafka_events'])).toBe(false);
    expect(await may('feed', 'UPDATE kafka_events SET weather = weather WHERE 1 = 0', [])).toBe(false);
    expect(await may('feed', STATEMENTS.SELECT, ['sales_facts'])).toBe(false);
    expect(await may('feed', STATEMENTS.SELECT, ['kafka_events'])).toBe(true);
  });

  it("a function's user can't log in with the owner's password or without one", async () => {
    const settings = mysqlSettingsOf(servers, database);
    for (const password of [servers.mysql.password, '']) {
      const account = { MYSQL_USER: functionUser(database, 'feed'), MYSQL_PASSWORD: password };
      const pool = openPool({ ...settings, ...account }, { connectionLimit: 1 });
      await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
      await pool.end();
    }
  });
});
