import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, cacheFolder, hasAllFiles } from '../../infra/local/servers/cache.ts';
import { findProgram, type ProgramResult, runProgram } from '../../infra/local/servers/program.ts';
import { messageOf, SetupError } from '../../infra/local/servers/setup-error.ts';

/** Programs of Debian's packages, unpacked into this user's cache: the system isn't changed, and root isn't needed. */

/** Packages that run with the system's libraries and those unpacked beside them. */
export interface UnpackedPackages {
  readonly folder: string;
  /** What their programs need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Unpacks packages of this system's own release, with the dependencies that aren't installed.
 *
 * @param name Names the folder in the cache. Delete it to get newer versions.
 * @throws SetupError saying why they aren't available: not a Debian system, no network, or a timeout.
 */
export async function bringDebianPackages(
  name: string,
  packages: readonly string[],
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<UnpackedPackages> {
  const folder = await bring(
    `${name}-debian-${process.arch}`,
    `${name} from this system's packages`,
    report,
    signal,
    (draft) => unpackPackages(packages, draft, { suite: null, isNeeded: () => true }, signal),
  );
  const folders = [join(folder, 'usr/lib'), join(folder, 'lib')];
  for (const lib of [...folders]) {
    for (const entry of await readdir(lib).catch(() => [])) {
      if (entry.endsWith('-linux-gnu')) folders.push(join(lib, entry));
    }
  }
  return { folder, env: { LD_LIBRARY_PATH: folders.join(':') } };
}

/**
 * Populates a folder of the cache if it is missing.
 *
 * @returns its path.
 * @throws SetupError if a needed program is missing or the time is up.
 */
async function bring(
  name: string,
  title: string,
  report: (line: string) => void,
  signal: AbortSignal,
  fill: (draft: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (await hasAllFiles(folder)) return folder;
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (findProgram(program) === null) throw new SetupError(`There is no ${program}: this is no Debian.`);
  }
  report(`Downloading ${title} (once per user)`);
  return cached(name, fill).catch((error: unknown) => {
    throw signal.aborted ? new SetupError(`The time is up: ${messageOf(signal.reason)}.`) : error;
  });
}

interface PackageSource {
  /** A suite other than the system's: its packages are unpacked with all their dependencies, as on an empty system. */
  readonly suite: string | null;
  readonly isNeeded: (name: string) => boolean;
}

/** Downloads packages with their dependencies and unpacks them into a folder. */
async function unpackPackages(
  packages: readonly string[],
  folder: string,
  { suite, isNeeded }: PackageSource,
  signal: AbortSignal,
): Promise<void> {
  const work = join(folder, 'work');
  const downloads = join(work, 'packages');
  await mkdir(downloads, { recursive: true });
  const apt = await openApt(work, suite, signal);
  const names = await withDependencies(packages, apt);
  await apt(['download', ...names.filter(isNeeded)], downloads);
  for (const name of await readdir(downloads)) {
    await run('dpkg-deb', ['--extract', join(downloads, name), folder], { signal });
  }
  await rm(work, { recursive: true });
}

async function withDependencies(packages: readonly string[], apt: Apt): Promise<string[]> {
  const options = ['--yes', '--print-uris', '--no-install-recommends'];
  const { output } = await apt(['install', ...options, ...packages]);
  return [...output.matchAll(/^'\S+' ([^\s_]+)_\S+\.deb /gm)].map(([, name]) => name ?? '');
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Runs `apt-get` with its own package lists. */
type Apt = (args: readonly string[], cwd?: string) => Promise<ProgramResult>;

/**
 * Sets up apt with package lists and a cache of its own. Mirror and proxy are those of the system's own configuration.
 *
 * @param suite Of another suite, as if no package were installed; null for the system's sources and installed packages.
 */
async function openApt(work: string, suite: string | null, signal: AbortSignal): Promise<Apt> {
  for (const folder of ['lists/partial', 'cache/archives/partial']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  const configuration = join(work, 'apt.conf');
  await writeFile(configuration, aptConfiguration(work, suite));
  const apt: Apt = (args, cwd = work) => run('apt-get', ['-c', configuration, ...args], { cwd, signal });
  if (suite === null) {
    await apt(['update', '--error-on=any']);
    return apt;
  }
  await writeFile(join(work, 'status'), '');
  const problems: string[] = [];
  for (const mirror of await mirrors(suite, signal)) {
    await writeFile(join(work, 'list.sources'), source(mirror, suite));
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

function aptConfiguration(work: string, suite: string | null): string {
  const otherSuite = [
    `Dir::Etc::sourcelist "${work}/list.sources";`,
    'Dir::Etc::sourceparts "/dev/null";',
    `Dir::State::status "${work}/status";`,
  ];
  return [
    ...(suite === null ? [] : otherSuite),
    `Dir::State::Lists "${work}/lists";`,
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

function source(mirror: string, suite: string): string {
  return [
    'Types: deb',
    `URIs: ${mirror}`,
    `Suites: ${suite}`,
    'Components: main',
    `Signed-By: ${KEYRING}`,
    '',
  ].join('\n');
}

/** The sources of this Debian's own release; none on another system. */
async function mirrors(wanted: string, signal: AbortSignal): Promise<string[]> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(release)) return [];
  const [, codename] = /^VERSION_CODENAME=(\S+)$/m.exec(release) ?? [];
  const names = new Set([codename, 'stable', 'testing', 'unstable', wanted]);
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const { output } = await run('apt-get', ['indextargets', ...format], { signal });
  const targets = output.split('\n').map((line) => line.split(' '));
  const uris = targets.flatMap(([uri, suite, component]) =>
    uri !== undefined && suite !== undefined && names.has(suite) && component === 'main' ? [uri] : [],
  );
  return [...new Set(uris)];
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
