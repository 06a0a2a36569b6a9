import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { type MemoryLog, memoryLog } from '../../infra/lambda-host/test/support/memory-log.ts';
import type { SystemNames } from '../../infra/local/environment.ts';
import { kafkaSettingsOf, mysqlSettingsOf } from '../../infra/local/environment.ts';
import { buildPageAlone } from '../../infra/local/page.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { reservePorts } from '../../infra/local/servers/ports.ts';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import { kafkaClient } from '../../shared/kafka/client.ts';
import { type OutgoingMessage, openBatchProducer } from '../../shared/kafka/producer.ts';
import { openPool, type Pool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { datasetLines, textOf } from './datasets.ts';
import {
  type HostProcessSettings,
  hostHere,
  invokeFunction,
  type ServingHost,
  type ServingHostOptions,
  spawnHost,
} from './hosts.ts';
import { ownAddresses, ownNames } from './names.ts';

export interface StartSystemOptions {
  /** Path of a CSV to load; default: the first `days` days of the generated data set. */
  readonly dataset?: string;
  /** How that file is read, unless the host has a process of its own. */
  readonly datasetSettings?: DatasetSettings;
  /** 100 sales each. */
  readonly days?: number;
  /** The token that state changes require; none by default. */
  readonly apiToken?: string;
  /** The functions' log level; default INFO. */
  readonly logLevel?: ServingHostOptions['logLevel'];
  /** Runs the host in a separate process, so that it can be killed. */
  readonly ownProcess?: boolean;
  /** Options of that process. */
  readonly process?: HostProcessSettings;
}

/** The complete system with stores of its own on the shared servers. */
export interface RunningSystem {
  /** Unchanged by restarts. */
  readonly url: string;
  readonly names: SystemNames;
  readonly addresses: ServerAddresses;
  /** The log of host and functions. */
  readonly log: MemoryLog;
  /** Id of the host's process. */
  readonly pid: number;
  /** A pool on its database; ended by `stop`. */
  readonly pool: Pool;
  /** Invokes a function. @returns its result. @throws if it failed. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Writes messages to its topic. */
  produce(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Stops the host in order, runs `whileDown`, and starts the host again. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  /** Kills the host's process; `restart` starts it again. Needs `ownProcess`. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const PUBLISH_WITHIN_MS = 60_000;
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the deployed functions as `npm start` does, on empty stores. */
export function startSystem(options: StartSystemOptions = {}): Promise<RunningSystem> {
  return startSystemOn(inject('servers'), options);
}

/** The same on servers other than the test run's. */
export async function startSystemOn(
  servers: ServerAddresses,
  options: StartSystemOptions = {},
): Promise<RunningSystem> {
  const addresses = ownAddresses(servers);
  const names = ownNames();
  const directory = await mkdtemp(join(tmpdir(), 'system-'));
  const pageDirectory = join(directory, 'page');
  await buildPageAlone(PROJECT, pageDirectory);
  const log = memoryLog();
  // Chosen once, so that clients find the system after a restart.
  const { ports, release } = await reservePorts(join(directory, 'ports.json'), ['host']);
  const hostOptions: ServingHostOptions = {
    log,
    addresses,
    names,
    port: ports.host,
    stateDirectory: join(directory, 'positions'),
    pageDirectory,
    apiToken: options.apiToken ?? '',
    logLevel: options.logLevel ?? 'INFO',
    dataset: options.dataset ?? (await smallDataset(directory, options.days ?? 10)),
    ...(options.datasetSettings ? { datasetSettings: options.datasetSettings } : {}),
  };
  const startHost = options.ownProcess
    ? (host: ServingHostOptions) => spawnHost(host, options.process)
    : hostHere;
  let host: ServingHost | undefined = await startHost(hostOptions);
  const pool = openPool(mysqlSettingsOf(addresses, names.database), { connectionLimit: 2 });
  const producer = openBatchProducer(
    kafkaClient(kafkaSettingsOf(addresses, names), 'test', createLogger('test')),
    PUBLISH_WITHIN_MS,
  );

  return {
    url: host.url,
    names,
    addresses,
    log,
    pool,
    get pid() {
      if (!host) throw new Error('The host does not run.');
      return host.pid;
    },
    async invoke(name, event) {
      if (!host) throw new Error('The host does not run.');
      return invokeFunction(host, name, event);
    },
    produce: (messages) => producer.send(names.topic, messages),
    async restart(whileDown) {
      const running = host;
      // If the start fails, there is no host.
      host = undefined;
      await running?.stop();
      await whileDown?.();
      host = await startHost(hostOptions);
    },
    async kill() {
      await host?.kill();
      host = undefined;
    },
    async stop() {
      await Promise.all([host?.stop(), producer.close(), pool.end()]);
      release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function smallDataset(directory: string, days: number): Promise<string> {
  const path = join(directory, `${days}-days.csv`);
  await writeFile(path, textOf(datasetLines(days)));
  return path;
}
