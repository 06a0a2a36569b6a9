/** What the start of each function costs under the runtime client, compared with a function that does nothing. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEnvironment } from './execution-environment.ts';
import type { RicFunction } from './functions.ts';

/** Other load on the machine only adds to a start, so the least of several is taken. */
const STARTS = 5;
/** Processor time above that of an empty handler. */
const GOAL_MS = 120;

export interface Start {
  /** Processor time until it asks for its first invocation, in milliseconds. */
  readonly initMs: number;
  /** Resident memory at that moment, in MB. */
  readonly initMb: number;
}

/** @returns The lines of a table. */
export async function measureStarts(
  client: string,
  names: readonly string[],
  functionOf: (name: string) => RicFunction,
): Promise<string[]> {
  const empty = await measureEmptyStart(client);
  const lines = [
    `Processor time of a start, least of ${STARTS}; an empty handler needs ${empty.initMs} ms, ${empty.initMb} MB`,
  ];
  const width = Math.max(...names.map(({ length }) => length));
  for (const name of names) {
    const { initMs, initMb } = await measureStart(client, functionOf(name));
    const above = initMs - empty.initMs;
    const verdict = above <= GOAL_MS ? '' : `  over the goal of ${GOAL_MS} ms`;
    lines.push(`  ${name.padEnd(width)}  ${String(above).padStart(4)} ms more, ${initMb} MB${verdict}`);
  }
  return lines;
}

/** The start of a handler that does nothing. @param client The module of the runtime client. */
export async function measureEmptyStart(client: string): Promise<Start> {
  const directory = await mkdtemp(path.join(tmpdir(), 'empty-handler-'));
  try {
    await writeFile(path.join(directory, 'index.mjs'), 'export const handler = async () => ({});\n');
    return await measureStart(client, { directory, variables: {} });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** @param client The module of the runtime client. @returns the cheapest of several starts. */
export async function measureStart(
  client: string,
  { directory, variables }: Pick<RicFunction, 'directory' | 'variables'>,
): Promise<Start> {
  const starts: Start[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const environment = await startEnvironment({ client, directory, variables, onOutput: () => {} });
    await environment.stop();
    starts.push(environment);
  }
  return starts.reduce((least, each) => (each.initMs < least.initMs ? each : least));
}
