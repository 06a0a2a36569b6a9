import { backOff } from '../back-off.ts';
import type { HostLog } from '../log.ts';
import type { ProcessMetrics } from '../metrics/process-metrics.ts';
import type { HostedFunction } from '../system.ts';
import type { FromWorker, WorkerSettings } from './protocol.ts';
import { startWorkerThread, type WorkerThread } from './worker-thread.ts';

/** A slot for one worker thread of a function: empty, starting or ready. It is filled on demand. */
export interface WorkerSlot {
  isReady(): boolean;
  /**
   * Returns the thread and starts it if there is none; after failed starts, with a growing pause.
   *
   * @throws WorkerStartError if the start fails.
   */
  ready(): Promise<WorkerThread>;
  /** Starts the thread if there is none and logs a failure. */
  warm(): void;
  /** Ends the current thread. */
  restart(): Promise<void>;
  /** Ends the current thread as if it had crashed, which is logged. */
  crash(): Promise<void>;
  /** Ends the thread for good. */
  close(): Promise<void>;
}

export interface WorkerSlotOptions extends WorkerSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly streaming: boolean;
  readonly compileCache?: string | undefined;
  readonly youngMb?: HostedFunction['youngMb'];
  /** Replaces a thread that ends immediately instead of by the next invocation. */
  readonly keepWarm: boolean;
  readonly log: HostLog;
  readonly metrics: Pick<ProcessMetrics, 'listen'>;
  readonly onMessage: (message: FromWorker) => void;
  readonly onExit: (reason: string) => void;
}

/** Opens an empty slot; `ready` or `warm` fills it. */
export function openWorkerSlot(options: WorkerSlotOptions): WorkerSlot {
  const { functionName, log } = options;
  const metrics = options.metrics.listen();
  let thread: WorkerThread | undefined;
  let starting: Promise<WorkerThread> | undefined;
  let failures = 0;
  let lastFailure = '';
  let endedByHost = false;
  let closed = false;
  const closing = new AbortController();

  async function start(): Promise<WorkerThread> {
    if (failures > 0) await backOff(failures, closing.signal);
    const started = await startWorkerThread({
      ...options,
      onLine: (line) => {
        if (!metrics.take(line)) log.functionLine(functionName, line);
      },
      onExit: exited,
      signal: closing.signal,
    });
    if (failures > 0) log.write('INFO', `${functionName} starts again.`);
    failures = 0;
    lastFailure = '';
    thread = started;
    endedByHost = false;
    return started;
  }

  function exited(reason: string): void {
    thread = undefined;
    starting = undefined;
    metrics.ended();
    if (!endedByHost)
      log.write('ERROR', `A worker of ${functionName} exited and is being replaced.`, { reason });
    options.onExit(reason);
    keepWarm();
  }

  function startFailed(error: unknown): never {
    starting = undefined;
    failures += 1;
    const message = error instanceof Error ? error.message : String(error);
    // Repeating the same failure would hide everything else in the log.
    if (message !== lastFailure && !closed) log.write('ERROR', message);
    lastFailure = message;
    keepWarm();
    throw error;
  }

  function keepWarm(): void {
    if (options.keepWarm && !closed) warm();
  }

  function warm(): void {
    ready().catch(() => undefined);
  }

  function ready(): Promise<WorkerThread> {
    starting ??= start().catch(startFailed);
    return starting;
  }

  async function restart(): Promise<void> {
    endedByHost = true;
    await thread?.terminate();
  }

  async function crash(): Promise<void> {
    await thread?.terminate();
  }

  async function close(): Promise<void> {
    closed = true;
    closing.abort();
    await starting?.catch(() => undefined);
    await restart();
  }

  return { isReady: () => thread !== undefined, ready, warm, restart, crash, close };
}
