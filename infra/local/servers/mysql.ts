import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ServerAddresses } from './addresses.ts';
import { prepareOnce, type ServerContext, type ServerDefinition } from './managed-server.ts';
import { requireMariadb } from './mariadb.ts';
import type { MysqlEngine } from './mysql-engine.ts';
import { findOracleMysql, requireOracleMysql } from './oracle-mysql.ts';
import { probeMysql } from './readiness.ts';
import { hasCode, SetupError } from './setup-error.ts';

/** The one database of a MySQL that is started here. */
export const DATABASE = 'retail';
/** Its one account. The password is generated once and stored only in its data directory. */
export const USER = 'retail';

/**
 * Returns the password in a file, generating it if missing, from characters that need no quoting in SQL.
 *
 * @throws if the file can't be read or written.
 */
export async function ownPassword(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const password = randomBytes(24).toString('base64url');
  await writePrivate(path, password);
  return password;
}

/** Writes a file that only its user can read. */
async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}

/**
 * The engine that runs as a process: the one that `MYSQLD` names, otherwise MariaDB.
 *
 * @param preferInstalled Uses an installed MySQL rather than MariaDB. Not for tests: a command must test the same on every
 *   machine.
 * @throws SetupError if `MYSQLD` names something else, or there is no MariaDB for this platform.
 */
export async function chooseMysqlEngine(
  { preferInstalled }: { preferInstalled: boolean },
  report: (line: string) => void,
  mysqld = process.env.MYSQLD ?? '',
): Promise<MysqlEngine> {
  if (mysqld !== '') return requireOracleMysql(mysqld.includes('/') ? resolve(mysqld) : mysqld);
  const installed = preferInstalled ? await findOracleMysql(report) : null;
  return installed ?? requireMariadb();
}

/** Prepares the server, with one user whose password only the data directory knows. */
export async function defineMysql(
  context: ServerContext,
  engine: MysqlEngine,
  port: number,
): Promise<{ definition: ServerDefinition; mysql: ServerAddresses['mysql'] }> {
  const { directory } = context;
  const data = join(directory, 'data');
  await mkdir(temporaryFolder(data), { recursive: true });
  const password = await ownPassword(join(directory, 'password'));
  const accounts = join(directory, 'accounts.sql');
  await writePrivate(accounts, accountsSql(password));
  await prepareOnce(join(directory, 'installed'), data, () => install(engine, data, context));
  const mysql = { host: '127.0.0.1', port, user: USER, password, database: DATABASE };
  const definition: ServerDefinition = {
    name: 'mysql',
    address: `127.0.0.1:${port}`,
    command: {
      file: engine.server,
      args: [...placeOptions(data), ...engine.serverOptions(directory), ...serverOptions(port, accounts)],
      cwd: directory,
    },
    probe: () => probeMysql(mysql),
  };
  return { definition, mysql };
}

function serverOptions(port: number, accounts: string): string[] {
  return [
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // No Unix socket: root could log in there without a password, and a deep folder is longer than a socket's path may be.
    '--socket=',
    '--skip-name-resolve',
    '--skip-log-bin',
    '--local-infile=1',
    '--performance-schema=OFF',
    '--innodb-buffer-pool-size=256M',
    // Allocated at the start; there are no MyISAM tables, and a batch of sales takes less than 1 MB of log.
    '--key-buffer-size=1M',
    '--innodb-log-buffer-size=4M',
    // A commit reaches the operating system at once, the disk within a second: safe from a killed process.
    '--innodb-flush-log-at-trx-commit=2',
    // Run before the first connection is taken, with the password where `ps` doesn't show it.
    `--init-file=${accounts}`,
  ];
}

/** The options for the server's paths. */
function placeOptions(data: string): string[] {
  return [
    '--no-defaults',
    `--datadir=${data}`,
    `--tmpdir=${temporaryFolder(data)}`,
    // The server refuses to run as root without this option.
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
}

/**
 * A separate folder for each server: a starting MariaDB removes the temporary tables of all others in its folder, including those
 * that the preparation of another clone's data folder uses, which then fails (11.4.5).
 */
function temporaryFolder(data: string): string {
  return join(dirname(data), 'temporary');
}

async function install(engine: MysqlEngine, data: string, { signal }: ServerContext): Promise<void> {
  const result = await engine.install(placeOptions(data), { cwd: dirname(data), signal });
  signal.throwIfAborted();
  if (result.ok) return;
  await rm(data, { recursive: true, force: true });
  // The cause comes first, then general advice.
  throw new SetupError(`${engine.title} could not prepare its data folder: ${result.output.slice(0, 500)}`);
}

/** One statement per line, as an init file requires. */
function accountsSql(password: string): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4;`,
    `CREATE USER IF NOT EXISTS ${USER}@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `ALTER USER ${USER}@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${USER}@'127.0.0.1' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}
