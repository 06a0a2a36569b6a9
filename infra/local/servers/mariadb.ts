import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** @param base The folder with its share/; none if a system package installed it. */
function engine(
  install: string,
  base: readonly string[],
): Pick<MysqlEngine, 'kind' | 'packages' | 'serverOptions' | 'install'> {
  return {
    kind: 'mariadb',
    packages: [],
    // By default 128 MB are reserved for Aria tables, and a part of that is used: only temporary tables on disk are.
    serverOptions: () => [...base, '--skip-ssl', '--aria-pagecache-buffer-size=8M'],
    async install(options, place) {
      const args = [
        ...options,
        ...base,
        // Root then has no valid password, and no Unix socket to authenticate through.
        '--auth-root-authentication-method=socket',
        '--auth-root-socket-user=root',
        '--skip-test-db',
        '--skip-name-resolve',
      ];
      const folders = [place.cwd, dirname(dirname(install))].filter((folder) => folder !== undefined);
      return withPlainPaths(folders, (plain) => runProgram(plain(install), args.map(plain), place));
    },
  };
}

/**
 * mariadb-install-db is a shell script that splits paths at spaces and breaks at quotes (11.4.5). So folders with
 * other characters are passed to it as symbolic links.
 *
 * @param work Gets a function that replaces the folders in a path or an option.
 */
async function withPlainPaths<T>(
  folders: readonly string[],
  work: (plain: (text: string) => string) => Promise<T>,
): Promise<T> {
  if (folders.every(isPlain)) return work((text) => text);
  const links = await mkdtemp(join(isPlain(tmpdir()) ? tmpdir() : '/tmp', 'rtm-mariadb-'));
  try {
    for (const [index, folder] of folders.entries()) await symlink(folder, join(links, String(index)));
    const plain = (text: string) =>
      folders.reduce((path, folder, index) => path.replace(folder, join(links, String(index))), text);
    return await work(plain);
  } finally {
    await rm(links, { recursive: true, force: true });
  }
}

function isPlain(path: string): boolean {
  return /^[\w./@:+-]*$/.test(path);
}
