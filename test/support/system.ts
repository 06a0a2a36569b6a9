import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { buildPage } from '../../functions/live/page/build.ts';
import { kafkaSettingsOf, mysqlSettingsOf } from '../../infra/local/clients.ts';
import type { SystemNames } from '../../infra/local/environment.ts';
import { type Host, startHost } from '../../infra/local/host/host.ts';
import type { SystemDescription } from '../../infra/local/host/system-description.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { kafkaClient } from '../../shared/kafka/client.ts';
import { type OutgoingMessage, openBatchProducer } from '../../shared/kafka/producer.ts';
import { openPool, type Pool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { datasetLines, textOf } from './datasets.ts';
import { type MemoryLog, memoryLog } from './memory-log.ts';
import { ownAddresses, ownNames } from './names.ts';

/** The whole system in this process, with stores that no other suite uses. */
export interface RunningSystem {
  readonly url: string;
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  /** What the host and its functions have logged since the start. */
  readonly log: MemoryLog;
  /** Invokes a function as its event source would. @throws if it fails. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Sends messages to the topic of the sales. */
  produce(messages: readonly OutgoingMessage[]): Promise<void>;
  /** A pool on the system's database; ended with the system. */
  readonly pool: Pool;
  /** Ends the host in order and starts it again on the same stores and the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** Days of generated history, 100 sales each. */
  readonly days?: number;
  /** A CSV to load instead. */
  readonly dataset?: string;
  readonly apiToken?: string;
  /** Another description of the system, to inject faults. */
  readonly system?: SystemDescription;
}

const DAYS = 40;
const PUBLISH_WITHIN_MS = 15_000;

/** Starts a system and loads a data set. */
export async function startSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'retail-system-'));
  const addresses = ownAddresses(inject('servers'));
  const names = ownNames();
  const log = memoryLog();
  const dataset = options.dataset ?? (await writeDataset(folder, options.days ?? DAYS));
  const pageDirectory = join(folder, 'page');
  await buildPage(pageDirectory);

  let port = 0;
  async function start(): Promise<Host> {
    const { apiToken = '', system } = options;
    const host = await startHost({
      addresses,
      names,
      port,
      stateDirectory: join(folder, 'state'),
      pageDirectory,
      log,
      apiToken,
      logLevel: 'INFO',
      ...(system ? { system } : {}),
    });
    await invokeOn(host, 'etl', { file: dataset });
    host.open();
    port = Number(new URL(host.url).port);
    return host;
  }

  let host = await start();
  const pool = openPool(mysqlSettingsOf(addresses, names.database), { connectionLimit: 4 });
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'test', createLogger('test'));
  const producer = openBatchProducer(kafka, PUBLISH_WITHIN_MS);
  return {
    url: host.url,
    addresses,
    names,
    log,
    pool,
    invoke: (name, event) => invokeOn(host, name, event),
    produce: (messages) => producer.send(names.topic, messages),
    restart: async () => {
      await host.stop();
      host = await start();
    },
    stop: async () => {
      await Promise.all([host.stop(), pool.end(), producer.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function invokeOn(host: Host, name: string, event: unknown): Promise<unknown> {
  const { payload, error } = await host.invoke(name, event);
  if (error) throw new Error(`${name} failed: ${payload}`);
  return JSON.parse(payload);
}

async function writeDataset(folder: string, days: number): Promise<string> {
  const path = join(folder, 'sales.csv');
  await writeFile(path, textOf(datasetLines(days)));
  return path;
}
