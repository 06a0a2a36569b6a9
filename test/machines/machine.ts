import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 600_000;
const READY = /The live page: (http:\/\/\S+)\/stream\/live/;

/** A case can't be tried here, for instance because it takes root. */
export class CannotTry extends Error {}

/** A copy of this clone, and how its commands are run. */
export interface Machine {
  readonly folder: string;
  /** Set or, where empty, removed from the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Run in front of Node. */
  readonly prefix?: readonly string[];
}

/** Copies what git tracks, and the installed packages: as hard links, as files, or not at all. */
export async function copyClone(
  folder: string,
  { packages = 'links' }: { readonly packages?: 'links' | 'files' | 'none' } = {},
): Promise<Machine> {
  await mkdir(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: PROJECT, maxBuffer: 1 << 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const small =
    'Date,Store ID,Product ID,Category,Region,Inventory Level,Units Sold,Units Ordered,Demand Forecast,Price,Discount,Weather Condition,Holiday/Promotion,Competitor Pricing,Seasonality';
  const rows = ['2022-01-01', '2022-01-02'].map(
    (date) => `${date},S001,P0001,Groceries,North,231,127,55,135.47,33.5,20,Rainy,0,29.69,Autumn`,
  );
  await writeFile(join(folder, 'small.csv'), `${[small, ...rows].join('\n')}\n`);
  if (packages !== 'none') {
    const options = packages === 'links' ? '-al' : '-a';
    execFileSync('cp', [options, join(PROJECT, 'node_modules'), folder]);
  }
  return { folder };
}

/** Runs a command of the clone to its end. */
export async function runCommand(
  machine: Machine,
  args: readonly string[],
  limitMs: number,
): Promise<{ readonly output: string }> {
  const child = launch(machine, args);
  const limit = setTimeout(() => child.process.kill('SIGTERM'), limitMs);
  await child.closed;
  clearTimeout(limit);
  return { output: child.output() };
}

/**
 * Starts the clone, advances one day, waits until its sales are stored, and stops it.
 *
 * @param isolated Whether the clone has a network of its own: then it only has to become ready.
 */
export async function playDay(machine: Machine, { isolated = false } = {}): Promise<void> {
  const child = launch(machine, ['start', '--port', '0', '--servers', 'native', '--dataset', 'small.csv']);
  const limit = setTimeout(() => child.process.kill('SIGTERM'), READY_WITHIN_MS);
  try {
    const address = await child.until(READY);
    if (address === null) throw new Error(`It did not become ready: ${child.output().slice(-800)}`);
    if (isolated && address.includes('localhost'))
      throw new Error(`It names ${address}, where nothing listens.`);
    if (!isolated) await advance(address);
  } finally {
    child.process.kill('SIGINT');
    await child.closed;
    clearTimeout(limit);
  }
}

async function advance(address: string): Promise<void> {
  const accepted = await fetch(`${address}/simulation/next-day`, { method: 'POST' });
  if (!accepted.ok) throw new Error(`The day was answered with ${accepted.status}.`);
  const end = performance.now() + 60_000;
  for (;;) {
    const status = await (await fetch(`${address}/simulation/status`)).text();
    if (/"is_complete":(true|false)/.test(status) && /"progress_pct":100/.test(status)) return;
    if (performance.now() > end) throw new Error(`The day's sales were not stored: ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function launch({ folder, env = {}, prefix = [] }: Machine, args: readonly string[]) {
  const own = join(folder, 'node_modules/node/bin/node');
  const node = existsSync(own) ? own : process.execPath;
  const [file = '', ...first] = [...prefix, node, 'infra/local/cli/main.js'];
  const environment = Object.entries({ ...process.env, ...env }).filter(([, value]) => value !== '');
  const child = spawn(file, [...first, ...args], {
    cwd: folder,
    env: Object.fromEntries(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  return {
    process: child,
    closed,
    output: () => output,
    /** The first group of a pattern, once it is in the output; null if the process ends first. */
    until: async (pattern: RegExp): Promise<string | null> => {
      for (let isClosed = false; ; ) {
        const found = pattern.exec(output)?.[1];
        if (found !== undefined || isClosed) return found ?? null;
        isClosed = await Promise.race([
          closed.then(() => true),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200)),
        ]);
      }
    },
  };
}
