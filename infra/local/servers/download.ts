import { createWriteStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { centralAddress, type Jar, jarFile, sha256 } from './artifacts.ts';
import { findProgram, runProgram } from './program.ts';
import { messageOf, SetupError } from './setup-error.ts';

const PARALLEL = 4;
const ATTEMPTS = 3;

/**
 * Downloads jars into a folder and verifies their pinned checksums. The user's Maven is tried first, because its settings
 * know the network's mirrors; without one, or if it fails, Maven Central is asked directly.
 *
 * @throws SetupError if both fail, or if a checksum differs.
 */
export async function downloadJars(
  jars: readonly Jar[],
  folder: string,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const problems: string[] = [];
  const maven = findMaven();
  if (maven !== null) {
    const problem = await problemOf(copyWithMaven(maven, jars, folder, report, signal));
    signal.throwIfAborted();
    if (problem === null) return verify(jars, folder);
    problems.push(`Maven: ${problem}`);
    report(`  Maven could not download them (${problem}); asking Maven Central`);
  }
  const problem = await problemOf(downloadAll(jars, folder, report, signal));
  signal.throwIfAborted();
  if (problem === null) return verify(jars, folder);
  problems.push(`Maven Central: ${problem}`);
  throw new SetupError(
    `The servers could not be downloaded (${problems.join('; ')}). Check the network connection${
      maven === null ? ', or install Maven and configure its mirror or proxy,' : " and Maven's settings,"
    } and run the command again.`,
  );
}

async function problemOf(attempt: Promise<void>): Promise<string | null> {
  return attempt.then(
    () => null,
    (error: unknown) => messageOf(error),
  );
}

async function downloadAll(
  jars: readonly Jar[],
  folder: string,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const progress = progressReport(jars, report);
  const queue = [...jars];
  const worker = async () => {
    for (let jar = queue.shift(); jar !== undefined; jar = queue.shift()) {
      await downloadWithRetry(jar, folder, progress, signal);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

async function downloadWithRetry(
  jar: Jar,
  folder: string,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await download(jar, folder, progress, signal);
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted) throw error;
    }
  }
}

async function download(
  jar: Jar,
  folder: string,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const url = await centralAddress(jar);
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    // The message is only `fetch failed`; the cause names the host and what happened.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  });
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status} for ${url}`);
  const path = join(folder, jarFile(jar));
  await pipeline(counted(response.body, progress), createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
}

async function* counted(
  body: ReadableStream<Uint8Array>,
  progress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    progress(read.value.length);
    yield read.value;
  }
}

/** Reports every 25 MB. */
function progressReport(jars: readonly Jar[], report: (line: string) => void): (bytes: number) => void {
  const total = megabytes(jars.reduce((sum, jar) => sum + jar.bytes, 0));
  let done = 0;
  let reported = 0;
  return (bytes) => {
    done += bytes;
    if (megabytes(done) < reported + 25) return;
    reported = megabytes(done);
    report(`  ${reported} of ${total} MB`);
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

async function verify(jars: readonly Jar[], folder: string): Promise<void> {
  for (const jar of jars) {
    const path = join(folder, jarFile(jar));
    const digest = await sha256(path).catch(() => 'no file');
    if (digest === jar.sha256) continue;
    await rm(path, { force: true });
    throw new SetupError(
      `The downloaded ${jarFile(jar)} is not the one this project pins (SHA-256 ${digest}, expected ${jar.sha256}). ` +
        'Check which mirror it comes from, delete the copy in ~/.m2/repository, and run the command again.',
    );
  }
}

const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const PROGRESS_EVERY_MS = 2_000;

/** The user's Maven, or null. */
export function findMaven(): string | null {
  return findProgram('mvn');
}

/**
 * Copies jars into a folder with the user's Maven, whose settings know this network's mirrors and proxies.
 *
 * @throws Error with Maven's message.
 */
async function copyWithMaven(
  maven: string,
  jars: readonly Jar[],
  folder: string,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const pom = join(folder, 'pom.xml');
  await writeFile(pom, pomOf(jars));
  const goal = `${DEPENDENCY_PLUGIN}:copy-dependencies`;
  const args = ['-B', '-f', pom, goal, `-DoutputDirectory=${folder}`];
  const result = await runProgram(maven, args, { cwd: folder, signal, onLine: progressOf(report) });
  await rm(pom);
  if (!result.ok) throw new Error(firstErrorOf(result.output));
}

/** Lists every jar without its dependencies: only what is pinned is downloaded. */
function pomOf(jars: readonly Jar[]): string {
  const dependencies = jars.map(
    (jar) => `
    <dependency>
      <groupId>${jar.group}</groupId><artifactId>${jar.artifact}</artifactId><version>${jar.version}</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>`,
  );
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}
  </dependencies>
</project>
`;
}

/** Reports Maven's downloads, at most every two seconds. Maven doesn't mention cached ones. */
function progressOf(report: (line: string) => void): (line: string) => void {
  let reported = Date.now();
  return (line) => {
    const file = /Downloaded from \S+ \S+\/([^/ ]+\.jar) (\(.*\))/.exec(line);
    if (file === null || Date.now() - reported < PROGRESS_EVERY_MS) return;
    reported = Date.now();
    report(`  Maven downloaded ${file[1]} ${file[2]}`);
  };
}

function firstErrorOf(output: string): string {
  const line = output.split('\n').find((text) => text.includes('ERROR'));
  return (line ?? output.slice(0, 300)).replace(/^\[ERROR\]\s*/, '');
}
