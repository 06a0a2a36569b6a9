/** The system as benches run it: in a process of its own, with the complete generated data set. */
import { mkdirSync } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { writeDatasetFile } from '../../data/generate.ts';
import { type RunningSystem, startSystemOn } from '../support/system.ts';
import type { BenchContext } from './bench.ts';

export const DAYS = 731;
export const SALES_PER_DAY = 100;

const SEED = 1;

/** The path of the generated data set of 73,100 rows, or of a multiple of it. */
export async function datasetFile(directory: string, scale = 1): Promise<string> {
  const file = path.join(directory, `sales-${scale}.csv`);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (!exists) await writeDatasetFile(file, { seed: SEED, scale });
  return file;
}

/** @param systemModule Module that exports another system description as `system`. */
export async function startBenchSystem(
  { servers, directory, profileDirectory }: BenchContext,
  systemModule?: string,
): Promise<RunningSystem> {
  const nodeOptions = profileDirectory === undefined ? [] : [`--import=${profiler(profileDirectory)}`];
  return startSystemOn(servers.addresses, {
    dataset: await datasetFile(directory),
    ownProcess: true,
    process: { nodeOptions, ...(systemModule === undefined ? {} : { systemModule }) },
  });
}

/** URL of the module that profiles every thread. */
function profiler(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const module = new URL('profile-threads.ts', import.meta.url);
  module.searchParams.set('directory', path.resolve(directory));
  return module.href;
}
