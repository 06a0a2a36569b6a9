import { join } from 'node:path';
import { findProgram, runProgram } from './program.ts';
import { SetupError } from './setup-error.ts';

/** The oldest Java that runs Kafka 4.4 and DynamoDB Local 3. */
export const REQUIRED_JAVA = 17;

/** How to install Java. */
export const JAVA_REMEDY =
  process.platform === 'darwin'
    ? 'Install it with: brew install openjdk@21, or from https://adoptium.net, then run the command again.'
    : 'Install it with: sudo apt-get install openjdk-17-jdk-headless (Debian, Ubuntu), sudo dnf install java-21-openjdk-devel ' +
      '(Fedora), or from https://adoptium.net, then run the command again.';

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
 * Returns the Java of JAVA_HOME or PATH.
 *
 * @throws SetupError with the remedy if Java is missing or too old.
 */
export async function requireJava(): Promise<Java> {
  const java = await findJava();
  if (java === null)
    throw new SetupError(
      `Java is missing: the local servers need Java ${REQUIRED_JAVA} or later. ${JAVA_REMEDY}`,
    );
  if (java.release < REQUIRED_JAVA) {
    throw new SetupError(
      `${java.path} is Java ${java.release}, but the local servers need Java ${REQUIRED_JAVA} or later. ${JAVA_REMEDY}`,
    );
  }
  return java;
}

/** Returns the Java of JAVA_HOME or PATH, whatever its version; null if none runs. */
export async function findJava(): Promise<Java | null> {
  const home = process.env.JAVA_HOME;
  const path = findProgram('java');
  for (const candidate of [home ? join(home, 'bin', 'java') : null, path]) {
    const java = candidate === null ? null : await inspect(candidate);
    if (java !== null) return java;
  }
  return null;
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
