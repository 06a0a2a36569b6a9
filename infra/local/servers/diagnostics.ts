import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { cacheFolder, damagedFiles } from './cache.ts';
import { findDockerEngine } from './docker/engine.ts';
import { findMaven } from './download.ts';
import { dynamodbHome } from './dynamodb.ts';
import { findJava, JAVA_REMEDY, REQUIRED_JAVA } from './java.ts';
import { chooseMysqlEngine } from './mysql.ts';
import { kafkaPackage, type Package, packageFolder } from './packages.ts';
import { findProgram } from './program.ts';
import { hasCode, messageOf } from './setup-error.ts';
import { addressSettings } from './start.ts';

/** The result of one check. `good`: found. `note`: optional, but useful to know. `missing`: required. */
export interface Diagnostic {
  readonly state: 'good' | 'note' | 'missing';
  readonly text: string;
  readonly remedy?: string;
}

const NEEDED_DISK_MB = 1_000;
/** The platform on which the local servers are tested. */
const TESTED_PLATFORM = 'linux-x64';

type Check = () => Promise<Diagnostic>;

/** Prerequisites of servers as processes. */
const nativeChecks: readonly Check[] = [
  java,
  javaCompiler,
  maven,
  () => inCache(kafkaPackage),
  mysql,
  dynamodb,
  () => disk(cacheFolder()),
];

/** Checks every prerequisite of the local servers. Doesn't start or download anything. */
export const serverChecks: readonly Check[] = [
  platform,
  shell,
  () => disk(import.meta.dirname),
  externalServers,
  docker,
  ...nativeChecks.map((check) => () => unlessInContainers(check)),
];

async function docker(): Promise<Diagnostic> {
  const status = await findDockerEngine();
  if (status.state !== 'ready')
    return {
      state: 'note',
      text: status.message,
      remedy: `not needed; for servers in containers ${status.remedy}`,
    };
  const { version, composeVersion } = status.engine;
  const text = `Docker engine ${version} with Compose ${composeVersion}: npm start runs the servers in containers`;
  return { state: 'good', text };
}

/** With Docker, prerequisites of processes are not needed. */
async function unlessInContainers(check: Check): Promise<Diagnostic> {
  const finding = await check();
  if (finding.state !== 'missing' || (await findDockerEngine()).state !== 'ready') return finding;
  return { ...finding, state: 'note', text: `${finding.text}: needed only by npm start -- --servers native` };
}

async function platform(): Promise<Diagnostic> {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    const remedy = 'use WSL 2 (wsl --install), or start with --servers external';
    return { state: 'missing', text: 'The local servers do not run on Windows', remedy };
  }
  if (name === TESTED_PLATFORM) return { state: 'good', text: `Platform ${name}` };
  return { state: 'note', text: `Platform ${name}: should work, but only ${TESTED_PLATFORM} is tested` };
}

async function shell(): Promise<Diagnostic> {
  const path = findProgram('sh');
  if (path !== null) return { state: 'good', text: `Shell at ${path}` };
  return { state: 'missing', text: 'The shell sh is missing', remedy: 'put its folder on PATH' };
}

async function java(): Promise<Diagnostic> {
  const found = await findJava();
  const brought = 'the first start brings a runtime, once per user';
  if (found === null)
    return { state: 'note', text: `No Java: ${brought}`, remedy: `if that fails: ${JAVA_REMEDY}` };
  const text = `Java ${found.release} at ${found.path} (${found.version})`;
  if (found.release >= REQUIRED_JAVA) return { state: 'good', text };
  const tooOld = `${text} is older than ${REQUIRED_JAVA}: ${brought}`;
  return { state: 'note', text: tooOld, remedy: `if that fails: ${JAVA_REMEDY}` };
}

async function javaCompiler(): Promise<Diagnostic> {
  const compiler = (await findJava())?.compiler ?? null;
  if (compiler !== null) return { state: 'good', text: `Java compiler at ${compiler}` };
  return { state: 'note', text: "No Java compiler (JDK): the first start downloads Eclipse's, of 3 MB" };
}

async function maven(): Promise<Diagnostic> {
  const path = findMaven();
  if (path !== null) return { state: 'good', text: `Maven at ${path}` };
  return { state: 'note', text: 'No Maven: the servers are downloaded from Maven Central directly' };
}

/** Verifies every checksum, unlike a start. */
async function inCache(one: Package): Promise<Diagnostic> {
  const folder = packageFolder(one);
  const damaged = await damagedFiles(folder);
  if (damaged === null)
    return { state: 'note', text: `${one.title} is not downloaded yet: the first start does that` };
  if (damaged.length === 0) return { state: 'good', text: `${one.title} in ${folder}, checksums correct` };
  const text = `${one.title} in ${folder} is corrupt (${damaged.slice(0, 3).join(', ')})`;
  return { state: 'missing', text, remedy: 'delete that folder; the next start downloads it again' };
}

async function mysql(): Promise<Diagnostic> {
  const notes: string[] = [];
  const report = (line: string) => void notes.push(line);
  try {
    const { title, server, packages } = await chooseMysqlEngine({ preferInstalled: true }, report);
    const [built] = packages;
    const finding = built
      ? await inCache(built)
      : ({ state: 'good', text: `${title} at ${server}` } satisfies Diagnostic);
    return { ...finding, text: [finding.text, ...notes].join('. ') };
  } catch (error) {
    return { state: 'missing', text: messageOf(error) };
  }
}

async function dynamodb(): Promise<Diagnostic> {
  return there('DynamoDB Local', dynamodbHome);
}

async function there(title: string, find: () => Promise<string>): Promise<Diagnostic> {
  return find().then(
    (path) => ({ state: 'good', text: `${title} at ${path}` }),
    (error: unknown) => ({ state: 'missing', text: messageOf(error) }),
  );
}

async function disk(folder: string): Promise<Diagnostic> {
  const free = Math.round(await freeMegabytes(folder));
  const text = `${free} MB free on the disk of ${folder}`;
  if (free >= NEEDED_DISK_MB) return { state: 'good', text };
  return { state: 'missing', text: `Only ${text}`, remedy: `free ${NEEDED_DISK_MB} MB` };
}

/** Of the nearest folder that exists. */
async function freeMegabytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return (bavail * bsize) / 1e6;
  } catch (error) {
    if (hasCode(error, 'ENOENT') && dirname(folder) !== folder) return freeMegabytes(dirname(folder));
    throw error;
  }
}

async function externalServers(): Promise<Diagnostic> {
  const { given, missing } = addressSettings(process.env);
  if (given.length === 0)
    return { state: 'good', text: 'No external servers are set: npm start starts its own' };
  if (missing.length === 0) return { state: 'good', text: `External servers are set (${given.join(', ')})` };
  const text = `${given.join(' and ')} is set but ${missing.join(' and ')} is not`;
  return { state: 'missing', text, remedy: 'set all of them, or none' };
}

/** What deep health answers, whether it is well or not. */
const health = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  pipeline: z
    .object({
      status: z.enum(['ok', 'stalled']),
      accepted_day: z.int().nullable(),
      stored_day: z.int().nullable(),
      stalled_for_seconds: z.int(),
      step: z.string().nullable(),
    })
    .optional(),
});

const NAMES: Readonly<Record<string, string>> = {
  producer: 'the producer',
  consumer: 'the consumer',
  kafka: 'Kafka',
  mysql: 'MySQL',
  dynamodb: 'DynamoDB',
};

const ANSWER_WITHIN_MS = 10_000;

/**
 * Asks a running host whether what was accepted is being stored.
 *
 * @param url Any address of the host.
 */
export async function pipelineDiagnostic(url: string): Promise<Diagnostic> {
  const response = await fetch(new URL('/health?deep=1', url), {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const { code, detail, pipeline } = health.parse(await response.json());
  if (code !== undefined)
    return { state: 'missing', text: `Health: ${detail ?? code}`, remedy: remedyFor(code) };
  if (!pipeline || pipeline.accepted_day === null)
    return { state: 'good', text: 'Pipeline: no day was accepted yet' };
  const { accepted_day: accepted, stored_day: stored, step, stalled_for_seconds: seconds } = pipeline;
  const days = `day ${accepted + 1} is accepted, ${stored === null ? 'none' : `day ${stored + 1}`} is stored`;
  if (step === null) return { state: 'good', text: `Pipeline: ${days}` };
  return { state: 'note', text: `Pipeline: ${days}; waiting for ${NAMES[step] ?? step} for ${seconds} s` };
}

function remedyFor(code: string): string {
  if (code === 'undecodable_messages')
    return 'npm run dead-letters -- list shows them; npm run dead-letters -- dismiss takes note of them';
  if (code === 'pipeline_stalled')
    return 'the log in the terminal of npm start says why; nothing is lost, and a restart continues where it stopped';
  return 'the log in the terminal of npm start says why; see docs/troubleshooting.md';
}
