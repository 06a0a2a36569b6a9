import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One numbered SQL file of the schema. */
export interface Migration {
  /** The number at the start of its name; migrations are applied in ascending order. */
  readonly version: number;
  /** `0001_data_set.sql` */
  readonly name: string;
  readonly sql: string;
  /** Of the text with LF line ends, so that a checkout with CRLF has the same hash. */
  readonly sha256: string;
}

/** A migration can't be applied. The message names the file and the remedy. */
export class MigrationError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'MigrationError';
  }
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * Reads the migrations of a directory, ascending by version.
 *
 * @throws MigrationError if there are none, one isn't named `0001_what_it_does.sql`, or two have the same number.
 */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await listFiles(directory)).filter((name) => name.endsWith('.sql')).sort();
  if (names.length === 0) {
    throw new MigrationError(`${directory} has no SQL files; it must be the schema's folder.`);
  }
  const migrations = await Promise.all(
    names.map(async (name) => parseMigration(name, await readFile(join(directory, name), 'utf8'))),
  );
  migrations.forEach((migration, index) => {
    const before = migrations[index - 1];
    if (before?.version !== migration.version) return;
    throw new MigrationError(
      `${before.name} and ${migration.name} have the same number; renumber the newer one.`,
    );
  });
  return migrations;
}

async function listFiles(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw new MigrationError(
      `${directory} can't be read; it must be the folder of the schema's files.`,
      error,
    );
  }
}

/** Creates a migration from a file's name and text. @throws MigrationError if the name isn't `0001_what_it_does.sql`. */
export function parseMigration(name: string, text: string): Migration {
  const version = FILE_NAME.exec(name)?.[1];
  if (version === undefined) {
    throw new MigrationError(`${name} is not named like 0001_what_it_does.sql; rename it.`);
  }
  const sql = text.replaceAll('\r\n', '\n');
  return { version: Number(version), name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

/**
 * Splits a migration into statements. A statement ends with a semicolon at the end of a line; lines that begin with `--` are
 * comments. No other SQL syntax is interpreted.
 */
export function statementsOf(sql: string): string[] {
  const code = sql.replaceAll(/^[ \t]*--.*\n?/gm, '');
  return code
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
