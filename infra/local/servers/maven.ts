import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Jar } from './artifacts.ts';
import { findProgram, runCommand } from './command.ts';

const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const PROGRESS_EVERY_MS = 2_000;

/** The user's Maven, or null. */
export function findMaven(): string | null {
  return findProgram('mvn');
}

/**
 * Copies jars into a folder with the user's own Maven: its settings know the mirrors and proxies of this network.
 *
 * @throws Error with Maven's own words.
 */
export async function copyWithMaven(
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
  const result = await runCommand(maven, args, { cwd: folder, signal, onLine: progressOf(report) });
  await rm(pom);
  if (!result.ok) throw new Error(firstErrorOf(result.output));
}

/** Every jar by its name and nothing that it would bring along: what is pinned is what comes. */
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

/** Reports what Maven has got, at most every two seconds. What it has from earlier it doesn't mention. */
function progressOf(report: (line: string) => void): (line: string) => void {
  let reported = Date.now();
  return (line) => {
    const file = /Downloaded from \S+ \S+\/([^/ ]+\.jar) (\(.*\))/.exec(line);
    if (file === null || Date.now() - reported < PROGRESS_EVERY_MS) return;
    reported = Date.now();
    report(`  Maven brought ${file[1]} ${file[2]}`);
  };
}

function firstErrorOf(output: string): string {
  const line = output.split('\n').find((text) => text.includes('ERROR'));
  return (line ?? output.slice(0, 300)).replace(/^\[ERROR\]\s*/, '');
}
