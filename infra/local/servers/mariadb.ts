import { join } from 'node:path';
import { type MysqlEngine, mysqlFolders } from './mysql-engine.ts';
import { mariadbPackage, packageFolder } from './packages.ts';
import { findProgram, runProgram } from './program.ts';
import { SetupError } from './setup-error.ts';

/**
 * The pinned MariaDB where there is a build for this platform, otherwise an installed one.
 *
 * @throws SetupError with the remedy where there is neither.
 */
export function requireMariadb(platform = `${process.platform}-${process.arch}`): MysqlEngine {
  const built = mariadbPackage(platform);
  if (built !== null) {
    const base = packageFolder(built);
    const install = join(base, 'scripts', 'mariadb-install-db');
    return {
      ...engine(install, [`--basedir=${base}`]),
      title: built.title,
      server: join(base, 'bin', 'mariadbd'),
      packages: [built],
    };
  }
  const server = findProgram('mariadbd', mysqlFolders());
  const install = findProgram('mariadb-install-db', mysqlFolders());
  if (server !== null && install !== null) return { ...engine(install, []), title: 'MariaDB', server };
  throw new SetupError(
    `There is no MariaDB to download for ${platform}: install it (sudo apt-get install mariadb-server, or brew install mariadb) ` +
      'or give the addresses of running servers with --servers external.',
  );
}

/** @param base Where its share/ is; none where the system's package has put it. */
function engine(
  install: string,
  base: readonly string[],
): Pick<MysqlEngine, 'kind' | 'packages' | 'serverOptions' | 'install'> {
  return {
    kind: 'mariadb',
    packages: [],
    serverOptions: () => [...base, '--skip-ssl'],
    install(options, place) {
      const args = [
        ...options,
        ...base,
        // Root then has no password that fits, and no Unix socket to be recognised at.
        '--auth-root-authentication-method=socket',
        '--auth-root-socket-user=root',
        '--skip-test-db',
        '--skip-name-resolve',
      ];
      return runProgram(install, args, place);
    },
  };
}
