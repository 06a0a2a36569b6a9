import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type ServerName, serverTitles } from './addresses.ts';
import { forgetProcess, recordProcess } from './process-identity.ts';
import { waitUntilReady } from './readiness.ts';
import { messageOf, SetupError } from './setup-error.ts';
import { type WatchedCommand, type WatchedProcess, spawnWatched } from './watchdog.ts';

/** How one server is run: all that differs between the three. */
export interface ServerDefinition {
  readonly name: ServerName;
  /** Where it listens, for people. */
  readonly address: string;
  readonly command: Omit<WatchedCommand, 'logFile'>;
  /** Fails until the server really serves. */
  probe(): Promise<void>;
}

/** What a server is prepared with. */
export interface ServerContext {
  /** The server's own folder; exists. */
  readonly directory: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Prepares a server's data folder once. Until the marker stands, an earlier attempt was interrupted: what it left is removed
 * and the work begins anew.
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

/** One server that can be ended and started again on the same data and the same port, for instance by a test. */
export interface ManagedServer {
  readonly name: ServerName;
  /** Null while it doesn't run. */
  readonly pid: number | null;
  /** Resolves when the server really serves. */
  start(signal?: AbortSignal): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it as a crash would. Unlike a crash this doesn't count as a failure of the servers. */
  kill(): Promise<void>;
}

export interface ServerFiles {
  readonly logFile: string;
  /** Holds the process's identity while it runs. */
  readonly processFile: string;
}

/** Puts a server under control. `onDeath` is told when it ends without having been asked to. */
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
    const started = await spawnWatched({ ...definition.command, logFile: files.logFile });
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
  // Whichever comes second has nobody waiting for it.
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
    `${serverTitles[definition.name]} ended by itself (${how}). The last lines of ${logFile}:\n  ${lines.join('\n  ')}`,
  );
}
