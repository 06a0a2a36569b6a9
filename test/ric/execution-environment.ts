/** A process of AWS's runtime client with one function, as a Lambda execution environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { openRuntimeApi, type RuntimeApi } from './runtime-api.ts';

export interface EnvironmentOptions {
  /** The module of the runtime client. */
  readonly client: string;
  /** The folder of the bundle. */
  readonly directory: string;
  /** The template's variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Receives what the function prints. */
  readonly onOutput: (text: string) => void;
}

export interface ExecutionEnvironment extends Pick<RuntimeApi, 'invoke'> {
  /** Processor time from the start of the process until it asked for its first invocation, in milliseconds. */
  readonly initMs: number;
  /** Resident memory at that moment, in MB. */
  readonly initMb: number;
  /** Resolves when the process has ended, with its last words. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** @throws Error with what the process printed, if the function can't be started. */
export async function startEnvironment(options: EnvironmentOptions): Promise<ExecutionEnvironment> {
  const api = await openRuntimeApi();
  const child = spawn(process.execPath, [options.client, 'index.handler'], {
    cwd: options.directory,
    env: { ...lambdaVariables(options.directory, api.address), ...options.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = `${printed}${text}`.slice(-4_000);
      options.onOutput(text);
    });
  }
  const ended = once(child, 'close').then(() => printed);
  try {
    await Promise.race([
      api.ready,
      ended.then((text) => Promise.reject(new Error(`The function ended:\n${text}`))),
    ]);
    const init = usageOf(child);
    return { ...init, invoke: api.invoke, ended, stop: () => stop(child, ended, api) };
  } catch (error) {
    await stop(child, ended, api);
    throw error;
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>, api: RuntimeApi): Promise<void> {
  child.kill('SIGKILL');
  api.close();
  await ended;
}

/** What Lambda sets besides the template's variables. */
function lambdaVariables(directory: string, runtimeApi: string): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: directory,
    _HANDLER: 'index.handler',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/function',
    AWS_LAMBDA_LOG_STREAM_NAME: '[$LATEST]0',
    AWS_LAMBDA_FUNCTION_NAME: 'function',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
  };
}

const CLOCK_TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** Linux's figures of a process. */
function usageOf({ pid }: ChildProcess): { initMs: number; initMb: number } {
  // The name in parentheses may contain spaces; user and system time are the 14th and 15th field.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number);
  return {
    initMs: (((user ?? 0) + (system ?? 0)) * 1000) / CLOCK_TICKS_PER_SECOND,
    initMb: Math.round(((pages ?? 0) * PAGE_BYTES) / 1_048_576),
  };
}
