import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseMigration, readMigrations, statementsOf } from '../../../../functions/migrate/migrations.ts';

describe('the statements of a file', () => {
  test('a migration statement ends with a semicolon at the end of a line, and comments are skipped', () => {
    const sql = `-- It's a comment; even so;
CREATE TABLE a (
  -- why this column; is here;
  b VARCHAR(9) DEFAULT 'x;y'
);

INSERT INTO a VALUES ('--', ';');
-- the end
`;
    expect(statementsOf(sql)).toEqual([
      "CREATE TABLE a (\n  b VARCHAR(9) DEFAULT 'x;y'\n)",
      "INSERT INTO a VALUES ('--', ';')",
    ]);
  });
});

describe('the schema', () => {
  test('migrations are numbered from 1 without gaps, and every statement is repeatable', async () => {
    const migrations = await readMigrations('data/schema');
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
    const statements = migrations.flatMap(({ sql }) => statementsOf(sql));
    const repeatable =
      /^(CREATE TABLE IF NOT EXISTS|INSERT IGNORE INTO|DROP TABLE IF EXISTS|ALTER TABLE|CREATE INDEX|UPDATE) /;
    expect(statements.filter((statement) => !repeatable.test(statement))).toEqual([]);
  });
});

describe('the files of a folder', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('migrations are sorted by number, and files that are not SQL are skipped', async () => {
    for (const name of ['0010_c.sql', '0002_b.sql', '0001_a.sql', 'README.md']) {
      await writeFile(join(directory, name), `-- ${name}`);
    }
    expect(await readMigrations(directory)).toMatchObject([
      { version: 1, name: '0001_a.sql', sql: '-- 0001_a.sql' },
      { version: 2, name: '0002_b.sql' },
      { version: 10, name: '0010_c.sql' },
    ]);
  });

  test('two migrations with the same number are rejected', async () => {
    for (const name of ['0001_a.sql', '0001_b.sql']) await writeFile(join(directory, name), '');
    await expect(readMigrations(directory)).rejects.toThrow('0001_a.sql and 0001_b.sql have the same number');
  });

  test('a folder without migrations is rejected, because it must be the wrong one', async () => {
    await expect(readMigrations(directory)).rejects.toThrow(`${directory} has no SQL files`);
    await expect(readMigrations(join(directory, 'none'))).rejects.toThrow("none can't be read");
  });

  test('a migration with a malformed name is rejected', async () => {
    await writeFile(join(directory, '1-first.sql'), '');
    await expect(readMigrations(directory)).rejects.toThrow(
      '1-first.sql is not named like 0001_what_it_does.sql',
    );
  });

  test('a migration with CRLF line endings has the same statements', () => {
    expect(parseMigration('0001_a.sql', 'SELECT 1;\r\n')).toEqual(
      parseMigration('0001_a.sql', 'SELECT 1;\n'),
    );
    expect(parseMigration('0001_a.sql', 'SELECT 2;\n').sha256).not.toBe(
      parseMigration('0001_a.sql', 'SELECT 1;\n').sha256,
    );
  });
});
