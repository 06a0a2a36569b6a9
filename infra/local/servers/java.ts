import { join } from 'node:path';
import { bringJava, broughtJava } from './java-runtime.ts';
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
