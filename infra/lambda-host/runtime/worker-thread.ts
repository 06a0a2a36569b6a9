import type { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { HostedFunction } from '../system.ts';
import { describeError, functionErrorOf } from './invocation-result.ts';
import type { FromWorker, FunctionError, ToWorker, WorkerSettings } from './protocol.ts';

/** A function's module could not be imported, or its handler is of the wrong kind. */
export class WorkerStartError extends Error {
  readonly functionError: FunctionError;

  constructor(functionName: string, functionError: FunctionError) {
    super(`The function ${functionName} can't be started: ${describeError(functionError)}`);
    this.name = 'WorkerStartError';
    this.functionError = functionError;
  }
}

export interface WorkerThread {
  post(message: ToWorker): void;
  /** Ends the thread at once, whatever it is doing. */
  terminate(): Promise<void>;
}

export interface WorkerThreadOptions extends WorkerSettings {
  /** The thread's entire environment: it sees nothing of the host's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly streaming: boolean;
  readonly youngMb?: HostedFunction['youngMb'];
  /**
   * Where Node caches compiled modules. Without it each thread loads Node's TypeScript compiler, which takes a second and 10 MB.
   */
  readonly compileCache?: string | undefined;
  readonly onMessage: (message: FromWorker) => void;
  readonly onLine: (line: string) => void;
  /** The thread has ended after it was ready. Called once. */
  readonly onExit: (reason: string) => void;
  /** Cancels a start in progress. */
  readonly signal: AbortSignal;
}

/**
 * Megabytes for young objects of a thread that doesn't ask for more; the rest of a function's memory is for old ones. Lambda gives a
 * tenth. Here, with 15 threads, that would mostly be garbage that nothing causes to be collected. V8 makes of it two halves of 4 MB.
 */
const YOUNG_MB = 12;

/** How long the import of a function may take. Lambda allows 10 s; this machine may be busy. */
const START_TIMEOUT_MS = 60_000;

/**
 * Starts a thread for one function and resolves when its handler is imported.
 *
 * @throws WorkerStartError if that fails; then the thread has ended.
 */
export function startWorkerThread(options: WorkerThreadOptions): Promise<WorkerThread> {
  const { functionName, entry, memoryMb, region, streaming, compileCache, youngMb = YOUNG_MB } = options;
  // A limit given to Node on the command line would hold for each thread, whatever its own. The host's own heap keeps it.
  setFlagsFromString('--max-semi-space-size=0');
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: functionName,
    workerData: { functionName, entry, memoryMb, region } satisfies WorkerSettings,
    env: { ...options.environment, ...(compileCache && { NODE_COMPILE_CACHE: compileCache }) },
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxYoungGenerationSizeMb: youngMb,
      maxOldGenerationSizeMb: memoryMb - youngMb,
    },
  });
  readLines(worker.stdout, options.onLine);
  readLines(worker.stderr, options.onLine);
  const thread: WorkerThread = {
    post: (message) => worker.postMessage(message),
    terminate: async () => void (await worker.terminate()),
  };
  const { promise, resolve, reject } = Promise.withResolvers<WorkerThread>();
  const timer = setTimeout(() => fail(startTimedOut()), START_TIMEOUT_MS);
  let failure: FunctionError | undefined;
  let ready = false;

  function fail(error: FunctionError): void {
    if (ready) return;
    failure ??= error;
    void worker.terminate();
  }

  const settled = () => {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', giveUp);
  };
  const giveUp = () => fail(givenUp());
  options.signal.addEventListener('abort', giveUp);
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'start-failed') return fail(message.error);
    if (message.kind !== 'ready') return options.onMessage(message);
    if (message.streaming !== streaming) return fail(wrongKind(streaming));
    settled();
    ready = true;
    resolve(thread);
  });
  worker.on('error', (error) => {
    failure ??= functionErrorOf(error);
  });
  worker.on('exit', (code) => {
    settled();
    const cause = failure ?? { errorType: 'Runtime.ExitError', errorMessage: `exit status ${code}` };
    if (ready) options.onExit(failure ? describeError(failure) : `exit status ${code}`);
    else reject(new WorkerStartError(functionName, cause));
  });
  return promise;
}

function startTimedOut(): FunctionError {
  const errorMessage = `Its module was not imported within ${START_TIMEOUT_MS / 1000} s.`;
  return { errorType: 'Runtime.InitTimeout', errorMessage };
}

function givenUp(): FunctionError {
  return { errorType: 'Runtime.ExitError', errorMessage: 'The host is being stopped.' };
}

function wrongKind(streaming: boolean): FunctionError {
  const errorMessage = streaming
    ? 'Its handler must be wrapped by awslambda.streamifyResponse, for the system describes it as a stream.'
    : 'Its handler streams, but the system describes it as buffered.';
  return { errorType: 'Runtime.WrongHandler', errorMessage };
}

/** Calls back for each line of a text stream, the last one too if nothing ends it. Empty lines are left out. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
    rest = '';
  });
}
