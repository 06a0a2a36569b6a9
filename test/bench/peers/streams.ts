/** Other servers that send one day to many viewers. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { reservePorts } from '../../../infra/local/servers/ports.ts';
import { openCrowd } from '../many-viewers.ts';
import type { PeerProgram } from './running-peer.ts';
import { startPeer } from './running-peer.ts';

export interface StreamServer {
  /** The name of its figure. */
  readonly name: string;
  /** The program, given a file with the sales of a day and a port to listen on. */
  readonly programFor: (sales: string, port: string) => PeerProgram;
}

const scriptPath = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const betterSse: StreamServer = {
  name: 'betterSse',
  programFor: (sales, port) => ({
    file: process.execPath,
    args: [scriptPath('better-sse-server.ts'), sales, port],
  }),
};

/** @param python The interpreter of the peers' environment. */
export function sseStarlette(python: string): StreamServer {
  return {
    name: 'starlette',
    programFor: (sales, port) => ({
      file: python,
      args: [scriptPath('sse_starlette_server.py'), sales, port],
    }),
  };
}

/** What every server sends, and how often to how many. */
export interface Delivery {
  readonly sales: readonly unknown[];
  readonly viewers: number;
  readonly days: number;
  readonly directory: string;
}

/** @returns the seconds from each request for a day until every viewer had all of it. @throws if an event is missing. */
export async function deliveryTimes(
  server: StreamServer,
  { sales, viewers, days, directory }: Delivery,
): Promise<number[]> {
  const file = path.join(directory, `${server.name}-sales.json`);
  await writeFile(file, JSON.stringify(sales));
  const { ports, release } = await reservePorts(path.join(directory, `${server.name}.json`), ['http']);
  const url = `http://127.0.0.1:${ports.http}`;
  const running = await startPeer(server.programFor(file, String(ports.http)), directory);
  try {
    await running.until(() => fetch(`${url}/nothing`, { method: 'HEAD' }).then(() => true));
    const crowd = await openCrowd(url, viewers);
    const seconds: number[] = [];
    for (let day = 0; day < days; day += 1) {
      crowd.forget();
      const begun = performance.now();
      await fetch(`${url}/simulation/next-day`, { method: 'POST' });
      const { last } = await crowd.until(sales.length);
      seconds.push((last - begun) / 1_000);
    }
    crowd.close();
    return seconds;
  } finally {
    await running.stop();
    release();
  }
}
