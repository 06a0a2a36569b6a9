/** The servers in containers, on the loopback interface, with their data in volumes. */
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerAddresses, serverNames, serverTitles } from '../addresses.ts';
import { openDataDirectory } from '../data-directory.ts';
import { DATABASE, ownPassword, USER } from '../mysql-account.ts';
import { type ReservedPorts, reservePorts } from '../ports.ts';
import { endOrphanedProcess, forgetProcess, recordProcess } from '../process-identity.ts';
import { probeDynamodb, probeKafka, probeMysql, waitUntilReady } from '../readiness.ts';
import type { RunningServers, StartServersOptions } from '../running-servers.ts';
import { messageOf, SetupError } from '../setup-error.ts';
import { type WatchedProcess, spawnWatched } from '../watchdog.ts';
import { type ComposeProject, type ComposeVariables, composeProject } from './compose.ts';
import { findDockerEngine, requireDockerEngine } from './engine.ts';

/** MySQL prepares its data at the first start, on a slow disk for a minute. */
const READY_WITHIN_MS = 180_000;
/** The containers have 30 s to end. */
const STOP_GRACE_MS = 40_000;
const LOG_LINES = 12;
/** What can be done where containers can't be had. */
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
 * Starts the servers by the compose file. They are a project of the data directory's own: two clones don't meet.
 *
 * @throws SetupError with the remedy where Docker, an image or a port can't be had.
 */
export async function startContainers(options: StartServersOptions): Promise<RunningServers> {
  const localstack = options.mode === 'localstack';
  // LocalStack forgets everything when it ends, and so must the others: MySQL would have events of a run that nobody knows.
  const { fresh = false, temporary = false } = localstack ? { fresh: true, temporary: true } : options;
  const otherwise = localstack ? WITHOUT_LOCALSTACK : WITHOUT_DOCKER;
  const { docker } = await requireDockerEngine(otherwise);
  const isNew = !existsSync(passwordFile(options.dataDirectory));
  const directory = await openDataDirectory(options.dataDirectory, fresh);
  const processFile = join(directory.path, 'containers.process.json');
  let containers: Containers | undefined;
  let running: WatchedProcess | undefined;
  const stop = async () => {
    const [begun, project, reserved] = [running, containers?.project, containers?.reserved];
    running = undefined;
    containers = undefined;
    try {
      await begun?.stop(STOP_GRACE_MS);
      // Whether or not its foreground command took its containers along.
      await (temporary ? project?.remove() : project?.stop());
    } finally {
      forgetProcess(processFile);
      reserved?.release();
      directory.release();
    }
  };
  try {
    await endOrphanedProcess(processFile, 'Docker Compose');
    // Without its password a volume of an earlier time is of no use.
    containers = await prepare(docker, directory.path, fresh || isNew);
    const { project, reserved, password } = containers;
    const signal = options.signal ?? new AbortController().signal;
    const services = localstack ? ['kafka', 'mysql', 'localstack'] : serverNames;
    options.report('Docker brings the images of the servers where they are not here yet.');
    await project.pull(services, signal, otherwise);
    const logFile = await newLog(directory.path);
    running = await spawnWatched({ ...project.up(services), cwd: directory.path, logFile });
    recordProcess(processFile, running.pid);
    const failed = running.exited.then((how) => endError(how, logFile));
    const addresses = addressesOf(reserved.ports, password, localstack);
    await allReady(addresses, { failed, signal, report: options.report });
    return { addresses, processes: [], servers: new Map(), failed, stop };
  } catch (error) {
    // What went wrong first is what the person has to mend.
    await stop().catch(() => undefined);
    throw error;
  }
}

/**
 * Removes what a run on this data directory left behind that was killed.
 *
 * @returns false if containers may be left, for the engine that has them does not answer.
 */
export async function removeContainers(dataDirectory: string): Promise<boolean> {
  if (!existsSync(passwordFile(dataDirectory))) return true;
  const look = await findDockerEngine();
  if (look.state !== 'ready') return false;
  await composeProject(look.engine.docker, dataDirectory, {}).remove();
  return true;
}

/** Ends what a killed start has left running, whose ports would count as taken, and with `fresh` removes it. */
async function prepare(docker: string, path: string, fresh: boolean): Promise<Containers> {
  const leftover = composeProject(docker, path, {});
  await (fresh ? leftover.remove() : leftover.stop());
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

/** Where the programs of this machine find the servers. */
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

interface Waiting {
  readonly failed: Promise<Error>;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/** By our own clients, through the published ports: a container that calls itself healthy may yet be out of reach. */
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
    report(`${title} serves at ${address}, in a container`);
  };
  await Promise.all([
    wait(serverTitles.kafka, kafkaBrokers, () => probeKafka(kafkaBrokers)),
    wait(serverTitles.mysql, `${mysql.host}:${mysql.port}`, () => probeMysql(mysql)),
    wait(serverTitles.dynamodb, dynamodbEndpoint, () => probeDynamodb(addresses)),
  ]);
}

/** Each start begins its log anew and keeps that of the start before. */
async function newLog(folder: string): Promise<string> {
  const path = join(folder, 'containers.log');
  await rename(path, `${path}.previous`).catch(() => {});
  return path;
}

const TAKEN = /(port is already allocated|address already in use)/;

async function endError(how: string, logFile: string): Promise<Error> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-LOG_LINES);
  const remedy = TAKEN.test(lines.join())
    ? 'Somebody else has taken a port meanwhile: start again, and others are chosen.'
    : `The last lines of ${logFile}:`;
  return new SetupError(`The servers' containers have ended (${how}). ${remedy}\n  ${lines.join('\n  ')}`);
}
