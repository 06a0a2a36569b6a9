import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';

/**
 * Below the ranges from which Linux (32768) and macOS (49152) take ports for outgoing connections: a port from those could be
 * taken by anybody's connection between two starts.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

const rememberedPorts = z.record(z.string(), z.number().int().min(1).max(65_535));

/**
 * A free port on 127.0.0.1 for each name. The choice is remembered in `path`, so that a clone keeps its ports from start
 * to start; one that somebody else has taken meanwhile is replaced.
 */
export async function choosePorts<Name extends string>(
  path: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const remembered = await readRemembered(path);
  const chosen: Partial<Record<string, number>> = {};
  for (const name of names) {
    const before = remembered[name];
    const keep = before !== undefined && !Object.values(chosen).includes(before) && (await isFree(before));
    chosen[name] = keep ? before : await freePort(Object.values(chosen));
  }
  await writeFile(path, JSON.stringify(chosen));
  return chosen as Record<Name, number>;
}

/** Whether this process could listen on the port of 127.0.0.1 now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function freePort(except: readonly (number | undefined)[]): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (!except.includes(port) && (await isFree(port))) return port;
  }
}

async function readRemembered(path: string): Promise<Record<string, number>> {
  try {
    return rememberedPorts.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}
