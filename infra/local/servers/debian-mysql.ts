import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, cacheFolder, isComplete } from './cache.ts';
import { findProgram, type ProgramResult, runProgram } from './program.ts';
import { messageOf, SetupError } from './setup-error.ts';

/** The only Debian suite with a package of Oracle's MySQL. */
const SUITE = 'sid';
const SERVER_PACKAGE = 'mysql-server-core';
/** The server depends on Perl for scripts that aren't run here. */
const NOT_NEEDED = /^(perl|libperl|libgdbm|libdb5)/;
const FOLDER = `mysql-debian-${SUITE}-${process.arch}`;
const LAUNCHER = 'mysqld';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Oracle's MySQL from Debian's packages, unpacked with its libraries into this user's cache: the system isn't changed, and
 * root isn't needed. It stays in the cache; delete the folder to get a newer version.
 *
 * @returns Path of a launcher that can be used as `mysqld`.
 * @throws SetupError saying why it isn't available: not a Debian system, no network, or a timeout.
 */
export async function bringDebianMysql(report: (line: string) => void, signal: AbortSignal): Promise<string> {
  const folder = join(cacheFolder(), FOLDER);
  if (await isComplete(folder)) return join(folder, LAUNCHER);
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (findProgram(program) === null) throw new SetupError(`There is no ${program}: this is no Debian.`);
  }
  report(`Downloading Oracle's MySQL from Debian ${SUITE} (50 MB, once per user)`);
  await cached(FOLDER, (draft) => unpackInto(draft, signal)).catch((error: unknown) => {
    throw signal.aborted ? new SetupError(`The time is up: ${messageOf(signal.reason)}.`) : error;
  });
  return join(folder, LAUNCHER);
}

async function unpackInto(folder: string, signal: AbortSignal): Promise<void> {
  const work = join(folder, 'work');
  const packages = join(work, 'packages');
  await mkdir(packages, { recursive: true });
  const apt = await openApt(work, signal);
  const needed = await neededPackages(apt);
  await apt(['download', ...needed], packages);
  for (const name of await readdir(packages)) {
    await run('dpkg-deb', ['--extract', join(packages, name), folder], { signal });
  }
  await rm(work, { recursive: true });
  for (const unused of ['usr/bin', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
    await rm(join(folder, unused), { recursive: true, force: true });
  }
  await writeLauncher(folder);
}

/** Runs `apt-get` with its own package lists. */
type Apt = (args: readonly string[], cwd?: string) => Promise<ProgramResult>;

/**
 * Sets up apt with its own source list, package lists and cache, as if no package were installed. Mirror and proxy are
 * those of the system's own configuration.
 */
async function openApt(work: string, signal: AbortSignal): Promise<Apt> {
  for (const folder of ['lists/partial', 'cache/archives/partial']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  await writeFile(join(work, 'status'), '');
  const configuration = join(work, 'apt.conf');
  await writeFile(configuration, aptConfiguration(work));
  const apt: Apt = (args, cwd = work) => run('apt-get', ['-c', configuration, ...args], { cwd, signal });
  const problems: string[] = [];
  for (const mirror of await mirrors(signal)) {
    await writeFile(join(work, 'list.sources'), source(mirror));
    try {
      await apt(['update', '--error-on=any']);
      return apt;
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  throw new SetupError(
    problems[0] ?? "The system's apt has no source of Debian's packages whose suite could be changed.",
  );
}

function aptConfiguration(work: string): string {
  return [
    `Dir::Etc::sourcelist "${work}/list.sources";`,
    'Dir::Etc::sourceparts "/dev/null";',
    `Dir::State::Lists "${work}/lists";`,
    `Dir::State::status "${work}/status";`,
    `Dir::Cache "${work}/cache";`,
    'Debug::NoLocking "true";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "30";',
    // Apt as root would otherwise download as a user who may not write here.
    'APT::Sandbox::User "root";',
    // The system's hooks would clean its own cache.
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '',
  ].join('\n');
}

function source(mirror: string): string {
  return [
    'Types: deb',
    `URIs: ${mirror}`,
    `Suites: ${SUITE}`,
    'Components: main',
    `Signed-By: ${KEYRING}`,
    '',
  ].join('\n');
}

/** The sources of this Debian's own release; none on another system. */
async function mirrors(signal: AbortSignal): Promise<string[]> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(release)) return [];
  const [, codename] = /^VERSION_CODENAME=(\S+)$/m.exec(release) ?? [];
  const names = new Set([codename, 'stable', 'testing', 'unstable', SUITE]);
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const { output } = await run('apt-get', ['indextargets', ...format], { signal });
  const targets = output.split('\n').map((line) => line.split(' '));
  const uris = targets.flatMap(([uri, suite, component]) =>
    uri !== undefined && suite !== undefined && names.has(suite) && component === 'main' ? [uri] : [],
  );
  return [...new Set(uris)];
}

/** The server with all its dependencies, as on an empty system. */
async function neededPackages(apt: Apt): Promise<string[]> {
  const { output } = await apt([
    'install',
    '--yes',
    '--print-uris',
    '--no-install-recommends',
    SERVER_PACKAGE,
  ]);
  const names = [...output.matchAll(/^'\S+' ([^\s_]+)_\S+\.deb /gm)].map(([, name]) => name ?? '');
  return names.filter((name) => !NOT_NEEDED.test(name));
}

/** @throws SetupError with the command's first error. */
async function run(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly signal: AbortSignal },
): Promise<ProgramResult> {
  const result = await runProgram(file, args, { ...options, env: { LC_ALL: 'C' } });
  options.signal.throwIfAborted();
  if (result.ok) return result;
  const lines = result.output.split('\n');
  const complaint = lines.find((line) => /^(E|W|Err\S*):? ?/.test(line)) ?? lines.at(-1);
  throw new SetupError(`${basename(file)} failed: ${complaint}`);
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
