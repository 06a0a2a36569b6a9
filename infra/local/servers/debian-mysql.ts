import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bring, unpackPackages } from './debian-packages.ts';
import { SetupError } from './setup-error.ts';

/** The only Debian suite with a package of Oracle's MySQL. */
const SUITE = 'sid';
const SERVER_PACKAGE = 'mysql-server-core';
/** The server depends on Perl for scripts that aren't run here. */
const NOT_NEEDED = /^(perl|libperl|libgdbm|libdb5)/;
const FOLDER = `mysql-debian-${SUITE}-${process.arch}`;
const LAUNCHER = 'mysqld';

/**
 * Oracle's MySQL from Debian's packages, unpacked with its libraries into this user's cache. It stays in the cache; delete the
 * folder to get a newer version.
 *
 * @returns Path of a launcher that can be used as `mysqld`.
 * @throws SetupError saying why it isn't available: not a Debian system, no network, or a timeout.
 */
export async function bringDebianMysql(report: (line: string) => void, signal: AbortSignal): Promise<string> {
  const title = `Oracle's MySQL from Debian ${SUITE} (50 MB)`;
  const folder = await bring(FOLDER, title, report, signal, (draft) => unpackInto(draft, signal));
  return join(folder, LAUNCHER);
}

async function unpackInto(folder: string, signal: AbortSignal): Promise<void> {
  const source = { suite: SUITE, isNeeded: (name: string) => !NOT_NEEDED.test(name) };
  await unpackPackages([SERVER_PACKAGE], folder, source, signal);
  for (const unused of ['usr/bin', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
    await rm(join(folder, unused), { recursive: true, force: true });
  }
  await writeLauncher(folder);
}

/** A script that runs the server with the package's own loader, because the system's C library may be older. */
async function writeLauncher(folder: string): Promise<void> {
  const [libraries] = (await readdir(join(folder, 'usr/lib'))).filter((name) => name.endsWith('-linux-gnu'));
  const names = libraries === undefined ? [] : await readdir(join(folder, 'usr/lib', libraries));
  const loader = names.find((name) => /^ld-linux-\S+\.so\.\d$/.test(name));
  if (libraries === undefined || loader === undefined) {
    throw new SetupError('The packages hold no loader of the C library.');
  }
  const script = `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")
lib="$root/usr/lib/${libraries}"
exec "$lib/${loader}" --library-path "$lib:$root/usr/lib/mysql/private:$root/usr/lib" "$root/usr/sbin/mysqld" "$@" \\
  --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" --plugin-dir="$root/usr/lib/mysql/plugin" \\
  --character-sets-dir="$root/usr/share/mysql/charsets"
`;
  await writeFile(join(folder, LAUNCHER), script);
  await chmod(join(folder, LAUNCHER), 0o755);
}
