/** The servers in containers, on the loopback interface, with their data in volumes. */
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerAddresses, serverNames, serverTitles } from '../addresses.ts';
import { openDataDirectory } from '../data-directory.ts';
import type { RunningServers, StartServersOptions } from '../managed-server.ts';
import { DATABASE, ownPassword, USER } from '../mysql.ts';
import { type ReservedPorts, reservePorts } from '../ports.ts';
import { endOrphanedProcess, forgetProcess, recordProcess } from '../process-identity.ts';
import { probeDynamodb, probeKafka, probeMysql, waitUntilReady } from '../readiness.ts';
import { messageOf, SetupError } from '../setup-error.ts';
import { spawnWatched, type WatchedProcess } from '../watchdog.ts';
import {
  type BreakableContext,
  breakableContainers,
  exitIn,
  READY_WITHIN_MS,
  watchExits,
} from './breakable-containers.ts';
import { type ComposeProject, type ComposeVariables, composeProject } from './compose.ts';
import { findDockerEngine, requireDockerEngine } from './engine.ts';

/** The containers have 30 s to stop. */
const STOP_GRACE_MS = 40_000;
const LOG_LINES = 12;
/** The alternatives to containers. */
const WITHOUT_DOCKER = 'start without it: npm start -- --servers native';
const WITHOUT_LOCALSTACK = 'run the same functions without LocalStack: npm start';
const PORTS = ['kafka', 'mysql', 'dynamodb', 'localstack'] as const;
type Reserved = ReservedPorts<(typeof PORTS)[number]>;
type Ports = Reserved['ports'];

interface Containers {
  readonly project: ComposeProject;
  readonly reserved: Reserved;
  readonly password: string;
}

/**
 * Starts the servers from the compose file, as a project of the data directory, so that two clones don't share containers.
 *
 * @throws SetupError with the remedy if Docker, an image or a port is unavailable.
 */
export async function startContainers(options: StartServersOptions): Promise<RunningServers> {
  const localstack = options.mode === 'localstack';
  // LocalStack keeps nothing, so the others must not either: MySQL would contain events of an unknown run.
  const { fresh = false, temporary = false } = localstack ? { fresh: true, temporary: true } : options;
  const otherwise = localstack ? WITHOUT_LOCALSTACK : WITHOUT_DOCKER;
  const { docker } = await requireDockerEngine(otherwise);
  const isNew = !existsSync(passwordFile(options.dataDirectory));
  const directory = await openDataDirectory(options.dataDirectory, fresh);
  const processFile = join(directory.path, 'containers.process.json');
  let containers: Containers | undefined;
  let running: WatchedProcess | undefined;
  const exits = watchExits();
  /** Killed on purpose and not started again. */
  const down = new Set<string>();
  const stopping = new AbortController();
  const stop = async () => {
    stopping.abort();
    exits.stop();
    const [begun, project, reserved] = [running, containers?.project, containers?.reserved];
    running = undefined;
    containers = undefined;
    try {
      await begun?.stop(STOP_GRACE_MS);
      // Whether or not the foreground command stopped its containers.
      await (temporary ? project?.remove() : project?.stop());
    } finally {
      forgetProcess(processFile);
      reserved?.release();
      directory.release();
    }
  };
  try {
    await endOrphanedProcess(processFile, 'Docker Compose');
    // An old volume is useless without its password.
    containers = await prepare(docker, directory.path, fresh || isNew);
    const { project, reserved, password } = containers;
    const signal = options.signal ?? new AbortController().signal;
    const services = localstack ? ['kafka', 'mysql', 'localstack'] : serverNames;
    await project.pull(services, { signal, report: options.report, otherwise });
    const logFile = await newLog(directory.path);
    const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
    const up = async (some: readonly string[]) => {
      const begun = await spawnWatched({ ...project.up(some), cwd: directory.path, logFile });
      running = begun;
      recordProcess(processFile, begun.pid);
      begun.exited.then(async (how) => {
        if (running !== begun) return;
        // When all of them were killed at once, there is nothing left to run in the foreground.
        if (down.size > 0) running = undefined;
        else fail(await exitError(how, logFile));
      });
    };
    await up(services);
    exits.follow(logFile, async (service) => fail(await exitError(service, logFile, service)));
    const addresses = addressesOf(reserved.ports, password, localstack);
    await allReady(addresses, { failed, signal, report: options.report });
    const breakable = breakableContainers(localstack ? ['kafka', 'mysql'] : serverNames, {
      project,
      down,
      exits,
      isForeground: () => running !== undefined,
      up: (service) => up(services.filter((each) => each === service || !down.has(each))),
      probes: probesOf(addresses),
      signal: stopping.signal,
    });
    return { addresses, processes: [], servers: new Map(), breakable, failed, stop };
  } catch (error) {
    // The first error is the one to report.
    await stop().catch(() => undefined);
    throw error;
  }
}

/**
 * Removes the containers and data of a killed start on this data directory.
 *
 * @returns false if containers may remain because the engine doesn't answer.
 */
export async function removeContainers(dataDirectory: string): Promise<boolean> {
  if (!existsSync(passwordFile(dataDirectory))) return true;
  const status = await findDockerEngine();
  if (status.state !== 'ready') return false;
  await composeProject(status.engine.docker, dataDirectory, {}).remove();
  return true;
}

/** Stops containers of a killed start, whose ports would count as taken, and removes them with `fresh`. */
async function prepare(docker: string, path: string, fresh: boolean): Promise<Containers> {
  const orphaned = composeProject(docker, path, {});
  await (fresh ? orphaned.remove() : orphaned.stop());
  const password = await ownPassword(passwordFile(path));
  const reserved = await reservePorts(join(path, 'ports.json'), PORTS);
  const project = composeProject(docker, path, variablesOf(reserved.ports, password));
  return { reserved, password, project };
}

function passwordFile(dataDirectory: string): string {
  return join(dataDirectory, 'password');
}

function variablesOf(ports: Ports, password: string): ComposeVariables {
  return {
    KAFKA_PORT: String(ports.kafka),
    MYSQL_PORT: String(ports.mysql),
    DYNAMODB_PORT: String(ports.dynamodb),
    LOCALSTACK_PORT: String(ports.localstack),
    MYSQL_PASSWORD: password,
  };
}

/** Where this machine reaches the servers. */
function addressesOf(ports: Ports, password: string, localstack: boolean): ServerAddresses {
  const [host, region] = ['127.0.0.1', 'us-east-1'];
  return {
    kafkaBrokers: `${host}:${ports.kafka}`,
    mysql: { host, port: ports.mysql, user: USER, password, database: DATABASE },
    dynamodbEndpoint: `http://${host}:${localstack ? ports.localstack : ports.dynamodb}`,
    // Of LocalStack's one account, 000000000000.
    dynamodbAccessKeyId: localstack ? 'test' : 'local',
    dynamodbSecretAccessKey: localstack ? 'test' : 'local',
    region,
  };
}

/** Our own clients through the published ports: a healthy container may still be unreachable. */
function probesOf(addresses: ServerAddresses): BreakableContext['probes'] {
  return {
    kafka: () => probeKafka(addresses.kafkaBrokers),
    mysql: () => probeMysql(addresses.mysql),
    dynamodb: () => probeDynamodb(addresses),
  };
}

interface Waiting {
  readonly failed: Promise<Error>;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

async function allReady(addresses: ServerAddresses, { failed, signal, report }: Waiting): Promise<void> {
  const given = new AbortController();
  failed.then((error) => given.abort(error));
  const both = AbortSignal.any([signal, given.signal]);
  const { mysql, kafkaBrokers, dynamodbEndpoint } = addresses;
  const wait = async (title: string, address: string, probe: () => Promise<void>) => {
    await waitUntilReady(probe, READY_WITHIN_MS, both).catch((error: unknown) => {
      both.throwIfAborted();
      const late = `${title} did not answer at ${address} within ${READY_WITHIN_MS / 1_000} s`;
      throw new SetupError(`${late}: ${messageOf(error)}`, { cause: error });
    });
    report(`${title} is ready at ${address}, in a container`);
  };
  const probes = probesOf(addresses);
  await Promise.all([
    wait(serverTitles.kafka, kafkaBrokers, probes.kafka),
    wait(serverTitles.mysql, `${mysql.host}:${mysql.port}`, probes.mysql),
    wait(serverTitles.dynamodb, dynamodbEndpoint, probes.dynamodb),
  ]);
}

/** Starts a new log and keeps that of the previous start. */
async function newLog(folder: string): Promise<string> {
  const path = join(folder, 'containers.log');
  await rename(path, `${path}.previous`).catch(() => {});
  return path;
}

const TAKEN = /(port is already allocated|address already in use)/;

/** @param service The container that exited; the first that did if it isn't given. */
async function exitError(how: string, logFile: string, service?: string): Promise<Error> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  if (TAKEN.test(lines.join())) {
    const remedy = 'Another process has taken a port meanwhile: start again, and other ports are chosen.';
    return new SetupError(`The servers' containers have exited (${how}). ${remedy}\n  ${last(lines)}`);
  }
  const first = exitOf(lines, service);
  return first === null
    ? new SetupError(
        `The servers' containers have exited (${how}). The last lines of ${logFile}:\n  ${last(lines)}`,
      )
    : new SetupError(
        `The container of ${first.service} has exited (exit code ${first.code}), so the others were stopped. Its last lines in ` +
          `${logFile}:\n  ${last(first.lines)}`,
      );
}

/** A container's exit, with its output until then: Compose mixes it with that of others. */
function exitOf(
  lines: readonly string[],
  wanted: string | undefined,
): { service: string; code: string; lines: string[] } | null {
  const index =
    wanted === undefined
      ? lines.findIndex((line) => exitIn(line))
      : lines.findLastIndex((line) => exitIn(line)?.service === wanted);
  const exit = exitIn(lines[index] ?? '');
  if (exit === null) return null;
  const { service, code } = exit;
  const own = lines.filter((line) => line.includes(`${service}-`) && line.includes(' | '));
  return { service, code, lines: own.map((line) => line.slice(line.indexOf(' | ') + 3)) };
}

function last(lines: readonly string[]): string {
  return lines.slice(-LOG_LINES).join('\n  ');
}
