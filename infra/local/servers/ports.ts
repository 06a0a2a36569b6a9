import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';
import { cacheFolder, makeInCache } from './cache.ts';
import { acquireLock, releaseLock, removeAbandonedLock } from './lock.ts';

/**
 * Below the ranges from which Linux (32768) and macOS (49152) pick ports for outgoing connections: any connection could take
 * such a port between two starts.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

const rememberedPorts = z.record(z.string(), z.number().int().min(1).max(65_535));

/** Ports of 127.0.0.1 that no other clone of this user chooses until they are released or this process has ended. */
export interface ReservedPorts<Name extends string> {
  readonly ports: Readonly<Record<Name, number>>;
  release(): void;
}

/**
 * Reserves a free port for each name. A server listens on its port only seconds later, so a free port is not enough: two
 * clones that start at once could choose the same one, and the slower server would fail, or its client reach the faster
 * one. The choice is stored in `path`, so that a clone keeps its ports; a port taken by another process is replaced.
 *
 * @param path The file that remembers the choice.
 * @param reservations Where the clones of a user see each other's reservations.
 * @throws if `path` can't be written; the ports are released again.
 */
export async function reservePorts<Name extends string>(
  path: string,
  names: readonly Name[],
  reservations: string = join(cacheFolder(), 'ports'),
): Promise<ReservedPorts<Name>> {
  await makeInCache(reservations);
  removeAbandoned(reservations);
  const remembered = await readRemembered(path);
  const reserved: number[] = [];
  const release = () => {
    for (const port of reserved) releaseLock(lockFile(reservations, port));
  };
  const reserve = async (port: number) => {
    if (!acquireLock(lockFile(reservations, port)).taken) return false;
    reserved.push(port);
    return isFree(port);
  };
  try {
    const chosen: Partial<Record<string, number>> = {};
    for (const name of names) {
      let port = remembered[name] ?? randomPort();
      while (!(await reserve(port))) port = randomPort();
      chosen[name] = port;
    }
    await writeFile(path, JSON.stringify(chosen));
    // The loop has chosen a port for every name, which TypeScript doesn't follow.
    return { ports: chosen as Record<Name, number>, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Whether this process could listen on the port of 127.0.0.1 now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function randomPort(): number {
  return randomInt(FIRST_PORT, LAST_PORT);
}

function lockFile(reservations: string, port: number): string {
  return join(reservations, `${port}.json`);
}

/** Removes the reservations of processes that were killed. */
function removeAbandoned(reservations: string): void {
  for (const name of readdirSync(reservations).filter((name) => name.endsWith('.json'))) {
    removeAbandonedLock(join(reservations, name));
  }
}

async function readRemembered(path: string): Promise<Record<string, number>> {
  try {
    return rememberedPorts.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}
