import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type ServerAddresses, type ServerName, serverTitles } from './addresses.ts';
import type { MysqlEngine } from './mysql-engine.ts';
import { forgetProcess, recordProcess } from './process-identity.ts';
import { waitUntilReady } from './readiness.ts';
import { messageOf, SetupError } from './setup-error.ts';
import { spawnWatched, type WatchedCommand, type WatchedProcess } from './watchdog.ts';

/**
 * `native`: child processes. `docker`: containers. `localstack`: containers with LocalStack's DynamoDB, whose data is not
 * kept. `external`: already running, with addresses in the environment.
 */
export const serverModes = ['native', 'docker', 'localstack', 'external'] as const;
export type ServerMode = (typeof serverModes)[number];

export interface StartServersOptions {
  /** Contains the servers' data; created if missing. */
  readonly dataDirectory: string;
  readonly mode: ServerMode;
  /** Starts with empty servers: empties the data directory. */
  readonly fresh: boolean;
  /** Receives progress, one line at a time. */
  readonly report: (line: string) => void;
  /** Aborts the start and stops what was already started. */
  readonly signal?: AbortSignal;
  /** Processes only: the server behind "MySQL"; by default the one that `MYSQLD` names, otherwise MariaDB. */
  readonly mysqlEngine?: MysqlEngine;
  /** Containers only: `stop` removes their data too. The data of processes is in the data directory. */
  readonly temporary?: boolean;
}

/** A server that can be broken for a while, and works again on the same data. */
export interface BreakableServer {
  /** Kills it. It stays down, and doesn't count as a failure of the servers. */
  kill(): Promise<void>;
  /** Resolves when the killed server handles requests again. @throws the signal's reason once it aborts. */
  start(signal?: AbortSignal): Promise<void>;
  /** Suspends it until `resume`. */
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
}

export interface RunningServers {
  readonly addresses: ServerAddresses;
  /** The processes that run now. */
  readonly processes: readonly { readonly name: ServerName; readonly pid: number }[];
  /** The servers that are child processes. */
  readonly servers: ReadonlyMap<ServerName, ManagedServer>;
  /** The servers that can be broken: processes or containers of this start. */
  readonly breakable: ReadonlyMap<ServerName, BreakableServer>;
  /** Resolves when a server exits unexpectedly, with the end of its log. */
  readonly failed: Promise<Error>;
  /** Stops all of them in order. May be called more than once. */
  stop(): Promise<void>;
}

/** How to run one server: everything that differs between the three. */
export interface ServerDefinition {
  readonly name: ServerName;
  /** Where it listens, for messages. */
  readonly address: string;
  readonly command: Omit<WatchedCommand, 'logFile' | 'env'>;
  /** Fails until the server handles requests. */
  probe(): Promise<void>;
}

/** The inputs of a server's preparation. */
export interface ServerContext {
  /** The server's folder; exists. */
  readonly directory: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Prepares a server's data folder once. Without the marker an earlier attempt was interrupted: its remains are removed and
 * the preparation starts over.
 */
export async function prepareOnce(
  marker: string,
  folder: string,
  prepare: () => Promise<void>,
): Promise<void> {
  if (await exists(marker)) return;
  await rm(folder, { recursive: true, force: true });
  await prepare();
  await writeFile(marker, '');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const READY_WITHIN_MS = 60_000;
/** Kafka writes its class archive when it ends for the first time: 2 s, on a busy machine 10. */
const STOP_GRACE_MS = 30_000;
const LOG_LINES = 12;
/**
 * glibc's `malloc` gives a server's threads up to eight areas for each processor, and what is freed in one isn't used by another. Kafka
 * has 90 threads.
 */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' } as const;

/** A server that can be stopped and started again on the same data and port, for instance by a test. */
export interface ManagedServer {
  readonly name: ServerName;
  /** Null while it doesn't run. */
  readonly pid: number | null;
  /** Resolves when the server handles requests. @throws if it exits or is aborted before. Then it has been ended. */
  start(signal?: AbortSignal): Promise<void>;
  /** Shuts it down in order. */
  stop(): Promise<void>;
  /** Kills it. Unlike a crash this doesn't count as a failure of the servers. */
  kill(): Promise<void>;
  /** Suspends its process until `resume`. A server that doesn't run stays as it is. */
  pause(): void;
  resume(): void;
}

export interface ServerFiles {
  readonly logFile: string;
  /** Contains the process's identity while it runs. */
  readonly processFile: string;
}

/** Manages one server. Calls `onDeath` if it exits without having been asked to. */
export function manageServer(
  definition: ServerDefinition,
  files: ServerFiles,
  onDeath: (error: Error) => void,
): ManagedServer {
  let running: WatchedProcess | null = null;

  const end = async (how: (one: WatchedProcess) => Promise<void>): Promise<void> => {
    const ended = running;
    running = null;
    if (ended === null) return;
    await how(ended);
    forgetProcess(files.processFile);
  };

  const start = async (signal: AbortSignal = new AbortController().signal) => {
    if (running !== null) return;
    const started = await spawnWatched({ ...definition.command, env: ENVIRONMENT, logFile: files.logFile });
    running = started;
    recordProcess(files.processFile, started.pid);
    const death = started.exited.then(async (how) => deathError(definition, how, files.logFile));
    try {
      await ready(definition, death, signal);
    } catch (error) {
      await end((one) => one.kill());
      throw error;
    }
    death.then((error) => {
      if (running === started) onDeath(error);
    });
  };

  return {
    name: definition.name,
    get pid() {
      return running?.pid ?? null;
    },
    start,
    stop: async () => {
      await end((one) => one.stop(STOP_GRACE_MS));
    },
    kill: async () => {
      await end((one) => one.kill());
    },
    pause: () => running?.signal('SIGSTOP'),
    resume: () => running?.signal('SIGCONT'),
  };
}

async function ready(
  definition: ServerDefinition,
  death: Promise<Error>,
  signal: AbortSignal,
): Promise<void> {
  const given = new AbortController();
  const died = death.then((error) => {
    given.abort(error);
    throw error;
  });
  const probed = waitUntilReady(
    () => definition.probe(),
    READY_WITHIN_MS,
    AbortSignal.any([signal, given.signal]),
  );
  // The losing promise of the race isn't awaited.
  died.catch(() => {});
  await Promise.race([probed, died]).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof SetupError) throw error;
    throw new SetupError(
      `${serverTitles[definition.name]} did not answer at ${definition.address} within ${READY_WITHIN_MS / 1000} s: ${messageOf(error)}`,
      { cause: error },
    );
  });
}

async function deathError(definition: ServerDefinition, how: string, logFile: string): Promise<Error> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-LOG_LINES);
  return new SetupError(
    `${serverTitles[definition.name]} exited unexpectedly (${how}). The last lines of ${logFile}:\n  ${lines.join('\n  ')}`,
  );
}
