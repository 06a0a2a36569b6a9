import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ServerAddresses } from './addresses.ts';
import { findProgram, programFolders, runCommand } from './command.ts';
import { prepareOnce, type ServerContext, type ServerDefinition } from './managed-server.ts';
import { DATABASE, ownPassword, USER, writePrivate } from './mysql-account.ts';
import { mariadbPackage, packageFolder } from './packages.ts';
import { probeMysql } from './readiness.ts';
import { SetupError } from './setup-error.ts';

/** The programs of a MariaDB. */
export interface MariadbPrograms {
  readonly server: string;
  readonly install: string;
  /** Where its share/ is; null: where the system's package has put it. */
  readonly base: string | null;
}

/**
 * The MariaDB of the cache where there is a build for this platform, else one that is installed.
 *
 * @throws SetupError with the remedy where there is neither.
 */
export function requireMariadb(platform = `${process.platform}-${process.arch}`): MariadbPrograms {
  const built = mariadbPackage(platform);
  if (built !== null) {
    const base = packageFolder(built);
    return {
      base,
      server: join(base, 'bin', 'mariadbd'),
      install: join(base, 'scripts', 'mariadb-install-db'),
    };
  }
  const folders = [...programFolders(), '/usr/sbin', '/usr/local/sbin'];
  const server = findProgram('mariadbd', folders);
  const install = findProgram('mariadb-install-db', folders);
  if (server !== null && install !== null) return { server, install, base: null };
  throw new SetupError(
    `There is no MariaDB to download for ${platform}: install it (sudo apt-get install mariadb-server, or brew install mariadb) ` +
      'or give the addresses of running servers with --servers external.',
  );
}

/** Prepares MariaDB, with one user whose password only the data directory knows. */
export async function defineMysql(
  context: ServerContext,
  programs: MariadbPrograms,
  port: number,
): Promise<{ definition: ServerDefinition; mysql: ServerAddresses['mysql'] }> {
  const data = join(context.directory, 'data');
  await mkdir(temporaryFolder(data), { recursive: true });
  const password = await ownPassword(join(context.directory, 'password'));
  const accounts = join(context.directory, 'accounts.sql');
  await writePrivate(accounts, accountsSql(password));
  await prepareOnce(join(context.directory, 'installed'), data, () => install(programs, data, context));
  const mysql = { host: '127.0.0.1', port, user: USER, password, database: DATABASE };
  const definition: ServerDefinition = {
    name: 'mysql',
    address: `127.0.0.1:${port}`,
    command: {
      file: programs.server,
      args: serverArguments(programs, data, port, accounts),
      cwd: context.directory,
    },
    probe: () => probeMysql(mysql),
  };
  return { definition, mysql };
}

function serverArguments(programs: MariadbPrograms, data: string, port: number, accounts: string): string[] {
  return [
    ...commonArguments(programs, data),
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // No Unix socket: root could log in there without a password, and a deep folder is longer than a socket's path may be.
    '--socket=',
    '--skip-name-resolve',
    '--skip-ssl',
    '--skip-log-bin',
    '--local-infile=1',
    '--performance-schema=OFF',
    '--innodb-buffer-pool-size=256M',
    // A commit reaches the operating system at once, the disk within a second: safe from a killed process.
    '--innodb-flush-log-at-trx-commit=2',
    // Run before the first connection is taken, with the password where `ps` doesn't show it.
    `--init-file=${accounts}`,
  ];
}

function commonArguments(programs: MariadbPrograms, data: string): string[] {
  return [
    '--no-defaults',
    ...(programs.base === null ? [] : [`--basedir=${programs.base}`]),
    `--datadir=${data}`,
    `--tmpdir=${temporaryFolder(data)}`,
    // The server refuses to run as root unless it is told so.
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
}

/**
 * Of its own: a MariaDB that starts removes the temporary tables of all others that share its folder, among them those that
 * the preparation of another clone's data folder is working on, which then fails (11.4.5).
 */
function temporaryFolder(data: string): string {
  return join(dirname(data), 'temporary');
}

async function install(programs: MariadbPrograms, data: string, context: ServerContext): Promise<void> {
  const args = [
    ...commonArguments(programs, data),
    // Root then has no password that fits, and no Unix socket to be recognised at.
    '--auth-root-authentication-method=socket',
    `--auth-root-socket-user=root`,
    '--skip-test-db',
    '--skip-name-resolve',
  ];
  const { signal } = context;
  const result = await runCommand(programs.install, args, { cwd: dirname(data), signal });
  signal.throwIfAborted();
  if (result.ok) return;
  await rm(data, { recursive: true, force: true });
  // The cause comes first, then general advice.
  throw new SetupError(`MariaDB could not prepare its data folder: ${result.output.slice(0, 500)}`);
}

/** One statement per line, as an init file wants them. */
function accountsSql(password: string): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4;`,
    `CREATE USER IF NOT EXISTS ${USER}@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `ALTER USER ${USER}@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${USER}@'127.0.0.1';`,
    '',
  ].join('\n');
}
