import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MysqlEngine, mysqlFolders } from './mysql-engine.ts';
import { findProgram, runProgram } from './program.ts';
import { SetupError } from './setup-error.ts';

/** The oldest MySQL that the project can be deployed on. */
const OLDEST: readonly [major: number, minor: number] = [8, 4];

/**
 * The MySQL of a given program.
 *
 * @param server Path of a `mysqld`, or of a script that runs one in its own place.
 * @throws SetupError if it isn't MySQL, or is too old.
 */
export async function requireOracleMysql(server: string): Promise<MysqlEngine> {
  const found = await identify(server);
  if (found === null) {
    throw new SetupError(
      `MYSQLD=${server} is not Oracle's MySQL: give the path of its mysqld, or unset MYSQLD.`,
    );
  }
  if (isTooOld(found)) {
    throw new SetupError(
      `MYSQLD=${server} is MySQL ${found}: give one of ${OLDEST.join('.')} or later, or unset MYSQLD.`,
    );
  }
  return engine(server, found);
}

/**
 * An installed MySQL that can use our data folder; null if there is none. A `mysqld` may also be MariaDB's: its
 * packages install one under this name.
 */
export async function findOracleMysql(report: (line: string) => void): Promise<MysqlEngine | null> {
  const server = findProgram('mysqld', mysqlFolders());
  const version = server === null ? null : await identify(server);
  if (server === null || version === null) return null;
  const reason = isTooOld(version) ? `is older than ${OLDEST.join('.')}` : confinement(server);
  if (reason === null) return engine(server, version);
  report(`The installed MySQL ${version} (${server}) ${reason}: MariaDB is used instead.`);
  return null;
}

/** The version of a MySQL, as `9.7.4`; null if the program is something else. */
async function identify(server: string): Promise<string | null> {
  const { ok, output } = await runProgram(server, ['--no-defaults', '--version']);
  const [, version] = /\bVer (\d+\.\d+\.\d+)/.exec(output) ?? [];
  return ok && version !== undefined && !output.includes('MariaDB') ? version : null;
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/** Why the system confines this program to its own folders, if it does: Ubuntu's package has an AppArmor profile. */
function confinement(server: string): string | null {
  const profile = server.slice(1).replaceAll('/', '.');
  const isConfined =
    existsSync(join('/etc/apparmor.d', profile)) &&
    !existsSync(join('/etc/apparmor.d/disable', profile)) &&
    readIfThere('/sys/module/apparmor/parameters/enabled').startsWith('Y');
  return isConfined ? 'may only use the folders of its AppArmor profile' : null;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function engine(server: string, version: string): MysqlEngine {
  return {
    kind: 'mysql',
    title: `MySQL ${version}`,
    server,
    packages: [],
    serverOptions: (directory) => [
      '--mysqlx=OFF',
      // By default all servers of a packaged MySQL share one file.
      `--pid-file=${join(directory, 'mysqld.pid')}`,
      ...ON_OWN_FOLDERS,
    ],
    // Root gets a random password that only this command's output shows. A server that is preparing its folder blocks SIGTERM, and
    // may wait forever once the folder is gone.
    install: (options, place) =>
      runProgram(server, [...options, ...ON_OWN_FOLDERS, '--initialize'], {
        ...place,
        killSignal: 'SIGKILL',
      }),
  };
}

/** A package's MySQL refuses to start without its folder for exports. On loopback there is no TLS, so no certificates either. */
const ON_OWN_FOLDERS: readonly string[] = ['--secure-file-priv=NULL', '--auto-generate-certs=OFF'];
