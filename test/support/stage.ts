import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseDataset } from '../../infra/local/dataset.ts';
import type { SystemNames } from '../../infra/local/environment.ts';
import { namesOf } from '../../infra/local/environment.ts';
import type { HostOptions } from '../../infra/local/host.ts';
import { buildPageAlone } from '../../infra/local/page.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { startServers } from '../../infra/local/servers/start.ts';
import { spawnHost } from './hosts.ts';

/** A complete system as `npm start` runs it, on servers of its own, with the host in a separate process. */
export interface LocalSystem {
  readonly url: string;
  readonly pid: number;
  /** URL of the host's inspector. */
  readonly inspector: string;
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  stop(): Promise<void>;
}

const PROJECT = join(import.meta.dirname, '../..');
const INSPECTOR = /^Debugger listening on (ws:\/\/\S+)$/;

/**
 * Starts it with empty stores and the complete data set.
 *
 * @param publicAddress How a proxy makes it available.
 * @param folder Folder for `host.log` and, until the end, the servers' data.
 */
export async function startLocalSystem(
  folder: string,
  port: number,
  publicAddress: Pick<HostOptions, 'allowedHosts' | 'basePath'> = {},
): Promise<LocalSystem> {
  const kept = join(folder, 'stage');
  await mkdir(kept, { recursive: true });
  const local = join(PROJECT, '.local');
  const [dataset] = await Promise.all([
    chooseDataset(null, {
      raw: join(PROJECT, 'data/raw'),
      generated: local,
      generator: join(PROJECT, 'data/generator'),
    }),
    buildPageAlone(PROJECT, join(kept, 'page')),
  ]);
  const servers = await startServers({
    dataDirectory: join(kept, 'data'),
    mode: 'native',
    fresh: true,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const { addresses } = servers;
  const names = namesOf(addresses);
  const output = createWriteStream(join(folder, 'host.log'));
  let inspector = '';
  const host = await spawnHost(
    {
      log: {
        write: (level, message) => void output.write(`${level} ${message}\n`),
        functionLine: (_name, line) => {
          inspector ||= INSPECTOR.exec(line)?.[1] ?? '';
          output.write(`${line}\n`);
        },
      },
      addresses,
      names,
      port,
      stateDirectory: join(kept, 'positions'),
      pageDirectory: join(kept, 'page'),
      apiToken: '',
      logLevel: 'INFO',
      dataset,
      ...publicAddress,
    },
    { nodeOptions: ['--inspect=127.0.0.1:0'] },
  ).catch(async (error: unknown) => {
    await servers.stop();
    throw error;
  });
  return {
    url: host.url,
    pid: host.pid,
    inspector,
    addresses,
    names,
    async stop() {
      await host.stop();
      await servers.stop();
      output.end();
      await rm(kept, { recursive: true, force: true });
    },
  };
}
