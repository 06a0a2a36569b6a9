import { join } from 'node:path';
import { type ServerAddresses, type ServerName, serverTitles } from './addresses.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import type { ServerDefinition } from './definition.ts';
import { startContainers } from './docker/containers.ts';
import { defineDynamodb } from './dynamodb.ts';
import { checkExternal, readExternalAddresses } from './external.ts';
import { requireJava } from './java.ts';
import { defineKafka } from './kafka.ts';
import { type ManagedServer, manageServer } from './managed-server.ts';
import { defineMysql, requireMariadb } from './mysql.ts';
import { bringPackages, kafkaPackage, mariadbPackage } from './packages.ts';
import { type ReservedPorts, reservePorts } from './ports.ts';
import { SetupError } from './setup-error.ts';

const portNames = ['kafka', 'controller', 'mysql', 'dynamodb'] as const;
type Ports = ReservedPorts<(typeof portNames)[number]>;

/**
 * `native`: started here as child processes. `docker`: as containers. `localstack`: as containers, with LocalStack's DynamoDB
 * and nothing kept. `external`: running already, addresses in the environment.
 */
export const serverModes = ['native', 'docker', 'localstack', 'external'] as const;
export type ServerMode = (typeof serverModes)[number];

export interface StartServersOptions {
  /** Holds all that the servers keep; made if it isn't there. */
  readonly dataDirectory: string;
  readonly mode: ServerMode;
  /** Begins with empty servers. Empties the whole data directory. */
  readonly fresh: boolean;
  /** Takes progress, a line at a time. */
  readonly report: (line: string) => void;
  /** Ends the start; what was started already is ended too. */
  readonly signal?: AbortSignal;
  /** Containers only: `stop` removes their data too. A native server's is in the data directory. */
  readonly temporary?: boolean;
}

export interface RunningServers {
  readonly addresses: ServerAddresses;
  /** The processes that run now. */
  readonly processes: readonly { readonly name: ServerName; readonly pid: number }[];
  /** Each server that is a process of ours. */
  readonly servers: ReadonlyMap<ServerName, ManagedServer>;
  /** Resolves when a server has ended by itself, with what its log says. */
  readonly failed: Promise<Error>;
  /** Ends all of them in order. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Brings Kafka, MySQL and DynamoDB to this machine, on the loopback interface alone, and waits until each of them serves.
 * As processes they never outlive this one, however it ends. Containers are ended when this process is killed too, but by
 * Docker's command: where that dies with it, they run until the next start.
 *
 * @throws SetupError with the remedy for what this machine lacks; the signal's reason after an abort.
 */
export async function startServers(options: StartServersOptions): Promise<RunningServers> {
  if (options.mode === 'external') return useExternal(options);
  return options.mode === 'native' ? startNative(options) : startContainers(options);
}

async function useExternal(options: StartServersOptions): Promise<RunningServers> {
  if (options.fresh) {
    throw new SetupError(
      'External servers are not emptied from here: leave --fresh out, or start own ones with --servers native.',
    );
  }
  const addresses = readExternalAddresses();
  await checkExternal(addresses);
  return {
    addresses,
    processes: [],
    servers: new Map(),
    failed: new Promise(() => {}),
    stop: async () => {},
  };
}

async function startNative(options: StartServersOptions): Promise<RunningServers> {
  if (process.platform === 'win32') {
    throw new SetupError(
      'The local servers do not run on Windows: work in WSL 2 (wsl --install), or give running ones with --servers external.',
    );
  }
  const directory = await openDataDirectory(options.dataDirectory, options.fresh);
  const started: ManagedServer[] = [];
  let reserved: Ports | undefined;
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    reserved?.release();
    directory.release();
  };
  try {
    reserved = await reservePorts(join(directory.path, 'ports.json'), portNames);
    return await startIn(directory, reserved, options, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startIn(
  directory: DataDirectory,
  { ports }: Ports,
  { report, signal: outer }: StartServersOptions,
  started: ManagedServer[],
  stop: () => Promise<void>,
): Promise<RunningServers> {
  const failure = new AbortController();
  const signal = outer === undefined ? failure.signal : AbortSignal.any([outer, failure.signal]);
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();

  const java = await requireJava();
  const mariadb = requireMariadb();
  await bringPackages(
    [kafkaPackage, mariadbPackage()].filter((one) => one !== null),
    report,
    signal,
  );

  const launch = async (definition: ServerDefinition) => {
    const begun = performance.now();
    const server = manageServer(definition, directory.filesOf(definition.name), fail);
    started.push(server);
    await server.start(signal);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    report(`${serverTitles[definition.name]} serves at ${definition.address} (${seconds} s)`);
    return server;
  };
  const contextOf = (name: ServerName) => ({ directory: directory.folderOf(name), report, signal });

  const kafka = defineKafka(contextOf('kafka'), java, { broker: ports.kafka, controller: ports.controller });
  const mysql = defineMysql(contextOf('mysql'), mariadb, ports.mysql);
  const dynamodb = defineDynamodb(contextOf('dynamodb'), java, ports.dynamodb);
  const servers = await allOrAbort(failure, [
    kafka.then(launch),
    mysql.then(({ definition }) => launch(definition)),
    dynamodb.then(({ definition }) => launch(definition)),
  ]);
  return {
    addresses: {
      kafkaBrokers: (await kafka).address,
      mysql: (await mysql).mysql,
      ...(await dynamodb).dynamodb,
    },
    get processes() {
      return servers.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]));
    },
    servers: new Map(servers.map((server) => [server.name, server])),
    failed,
    stop,
  };
}

/** The results of all, or, once every one has come to its end, the error of the first that failed. */
async function allOrAbort<T>(failure: AbortController, works: readonly Promise<T>[]): Promise<T[]> {
  for (const work of works) work.catch((error: unknown) => failure.abort(error));
  const results = await Promise.allSettled(works);
  failure.signal.throwIfAborted();
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
