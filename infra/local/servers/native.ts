/** The servers as child processes of this one. */
import { join } from 'node:path';
import { type ServerName, serverTitles } from './addresses.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { defineDynamodb } from './dynamodb.ts';
import { requireJava } from './java.ts';
import { defineKafka } from './kafka.ts';
import type { RunningServers, StartServersOptions } from './managed-server.ts';
import { type ManagedServer, manageServer, type ServerDefinition } from './managed-server.ts';
import { chooseMysqlEngine, defineMysql } from './mysql.ts';
import { compilerPackage, downloadPackages, kafkaPackage } from './packages.ts';
import { type ReservedPorts, reservePorts } from './ports.ts';
import { SetupError } from './setup-error.ts';

const portNames = ['kafka', 'controller', 'mysql', 'dynamodb'] as const;
type Ports = ReservedPorts<(typeof portNames)[number]>;

/**
 * Starts the servers as child processes.
 *
 * @throws SetupError on Windows, or if a server can't be prepared or started; those that were started are stopped again.
 */
export async function startNative(options: StartServersOptions): Promise<RunningServers> {
  if (process.platform === 'win32') {
    throw new SetupError(
      'The local servers do not run on Windows: use WSL 2 (wsl --install), or running servers with --servers external.',
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
  { report, signal: outer, mysqlEngine }: StartServersOptions,
  started: ManagedServer[],
  stop: () => Promise<void>,
): Promise<RunningServers> {
  const failure = new AbortController();
  const signal = outer === undefined ? failure.signal : AbortSignal.any([outer, failure.signal]);
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();

  const java = await requireJava(report, signal);
  const engine = mysqlEngine ?? (await chooseMysqlEngine({ preferInstalled: false }, report));
  const compiler = java.compiler === null ? [compilerPackage] : [];
  await downloadPackages([kafkaPackage, ...engine.packages, ...compiler], report, signal);

  const launch = async (definition: ServerDefinition) => {
    const begun = performance.now();
    const server = manageServer(definition, directory.filesOf(definition.name), fail);
    started.push(server);
    await server.start(signal);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    report(`${serverTitles[definition.name]} is ready at ${definition.address} (${seconds} s)`);
    return server;
  };
  const contextOf = (name: ServerName) => ({ directory: directory.folderOf(name), report, signal });

  const kafka = defineKafka(contextOf('kafka'), java, { broker: ports.kafka, controller: ports.controller });
  const mysql = defineMysql(contextOf('mysql'), engine, ports.mysql);
  const dynamodb = defineDynamodb(contextOf('dynamodb'), java, ports.dynamodb);
  const servers = await allOrAbort(failure, [
    kafka.then(launch),
    mysql.then(({ definition }) => launch(definition)),
    dynamodb.then(({ definition }) => launch(definition)),
  ]);
  const byName = new Map(servers.map((server) => [server.name, server]));
  return {
    addresses: {
      kafkaBrokers: (await kafka).address,
      mysql: (await mysql).mysql,
      ...(await dynamodb).dynamodb,
    },
    get processes() {
      return servers.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]));
    },
    servers: byName,
    breakable: byName,
    failed,
    stop,
  };
}

/** Returns all results or, once all have settled, throws the first error. */
async function allOrAbort<T>(failure: AbortController, works: readonly Promise<T>[]): Promise<T[]> {
  for (const work of works) work.catch((error: unknown) => failure.abort(error));
  const results = await Promise.allSettled(works);
  failure.signal.throwIfAborted();
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
