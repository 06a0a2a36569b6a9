import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readLines } from '../../infra/lambda-host/runtime/worker-thread.ts';
import { type HostOptions, startHost } from '../../infra/local/host.ts';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import type { HostProcessOptions, HostProcessReport } from './host-process.ts';
import { MALLOC_ARENAS, MALLOC_TRIM_BYTES, NODE_OPTIONS } from './node-options.ts';

/** A serving host: schema applied, data set loaded, requests accepted. */
export interface ServingHost {
  readonly url: string;
  readonly lambdaEndpoint: string;
  /** Id of its process. */
  readonly pid: number;
  /** Stops it in order. */
  stop(): Promise<void>;
  /** Kills its process. Only for a host in a process of its own. */
  kill(): Promise<void>;
}

export type ServingHostOptions = Omit<HostOptions, 'system'> & {
  /** Path of the CSV. */
  readonly dataset: string;
  /** How it is read; default: as the Kaggle file is. */
  readonly datasetSettings?: DatasetSettings;
};

/** Starts a host within this process. */
export async function hostHere({
  dataset,
  datasetSettings: settings = {},
  ...options
}: ServingHostOptions): Promise<ServingHost> {
  const host = await startHost(options);
  const migrated = await host.invoke('migrate', {});
  const { error } = migrated.error ? migrated : await host.invoke('etl', { file: dataset, settings });
  if (error) {
    await host.stop(0);
    throw new Error(`The data set was not loaded. ${error.errorType}: ${error.errorMessage}`);
  }
  host.open();
  return {
    url: host.url,
    lambdaEndpoint: host.lambdaEndpoint,
    pid: process.pid,
    stop: () => host.stop(),
    kill: () => Promise.reject(new Error('Only a host in a process of its own can be killed.')),
  };
}

export interface HostProcessSettings {
  /** Module that exports another system description as `system`. */
  readonly systemModule?: string;
  /** Whether `POST /chaos/{function}` breaks a function of it. */
  readonly chaos?: boolean;
  /** Node's options. */
  readonly nodeOptions?: readonly string[];
}

/** Starts a host in a process of its own, which ends no later than this one. */
export async function spawnHost(
  { log, ...options }: ServingHostOptions,
  { systemModule, chaos, nodeOptions = [] }: HostProcessSettings = {},
): Promise<ServingHost> {
  const script = fileURLToPath(new URL('./host-process.ts', import.meta.url));
  // A host that is killed repeatedly shouldn't recompile everything.
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    MALLOC_ARENA_MAX: MALLOC_ARENAS,
    MALLOC_TRIM_THRESHOLD_: MALLOC_TRIM_BYTES,
  };
  const child = fork(script, {
    env,
    execArgv: [...NODE_OPTIONS, ...nodeOptions],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    readLines(stream, (line) => {
      said.push(line);
      log.functionLine('host', line);
    });
  }
  const exited = once(child, 'exit');
  child.send({ ...options, systemModule, chaos } satisfies HostProcessOptions);
  const [report] = await Promise.race([
    once(child, 'message') as Promise<[HostProcessReport]>,
    exited.then((): [HostProcessReport] => [{ failure: 'The process of the host has ended.' }]),
  ]);
  if ('failure' in report) {
    child.kill('SIGKILL');
    // Until then it may hold the port the next start needs.
    await exited;
    throw new Error(`${report.failure}\n${said.slice(-20).join('\n')}`);
  }
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return { ...report, pid: child.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/**
 * Invokes a function of a host through its Invoke API.
 *
 * @returns the function's result. @throws if it failed.
 */
export async function invokeFunction(host: ServingHost, name: string, event: unknown): Promise<unknown> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new LambdaClient({ endpoint: host.lambdaEndpoint, region: 'local', credentials });
  try {
    const Payload = Buffer.from(JSON.stringify(event));
    const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload }));
    const payload = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined) throw new Error(`${name} failed: ${payload}`);
    return JSON.parse(payload);
  } finally {
    client.destroy();
  }
}
