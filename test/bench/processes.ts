/** Resource use of processes, from Linux's /proc. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerName } from '../../infra/local/servers/addresses.ts';
import type { RunningServers } from '../../infra/local/servers/managed-server.ts';

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks, including children that have exited. */
  readonly ticks: number;
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Processor seconds used so far by processes and their descendants. */
export function cpuSeconds(pids: readonly number[]): number {
  return withDescendants(pids).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

function withDescendants(pids: readonly number[]): ProcessStat[] {
  const all = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : [],
  );
  const children = Map.groupBy(all, ({ parent }) => parent);
  const below = (one: ProcessStat): ProcessStat[] => [one, ...(children.get(one.pid) ?? []).flatMap(below)];
  return all.filter(({ pid }) => pids.includes(pid)).flatMap(below);
}

/** Processor seconds used so far by the host and each server. */
export type Usage = Readonly<Record<'host' | ServerName, number>>;

export function usageOf(hostPid: number, { processes }: Pick<RunningServers, 'processes'>): Usage {
  const of = (name: ServerName) =>
    cpuSeconds(processes.filter((process) => process.name === name).map(({ pid }) => pid));
  return {
    host: cpuSeconds([hostPid]),
    kafka: of('kafka'),
    mysql: of('mysql'),
    dynamodb: of('dynamodb'),
  };
}

/** The difference between two readings, times a factor. */
export function usedBetween(before: Usage, after: Usage, factor: number): Usage {
  const used = (name: keyof Usage) => (after[name] - before[name]) * factor;
  return { host: used('host'), kafka: used('kafka'), mysql: used('mysql'), dynamodb: used('dynamodb') };
}

/** Null for a process that has exited meanwhile. */
function statOf(pid: number): ProcessStat | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name is in parentheses and may contain anything; after it come the state, the parent, …
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
  return { pid, parent, ticks };
}

/** Current memory of processes and their descendants in megabytes. */
export function residentOf(pids: readonly number[]): number {
  return withDescendants(pids).reduce((sum, { pid }) => sum + residentMegabytes(pid).now, 0);
}

/** Current and peak memory of a process in megabytes. */
export function residentMegabytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
