/**
 * `npm run rtm -- bench:profile <folder>`: what the profiles of `npm run bench -- --cpu-prof <folder>` say, as a table of milliseconds by thread
 * and by what the time was spent in. A frame's time counts for the package or source folder nearest above it in the stack.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const frame = z.object({ functionName: z.string(), url: z.string() });
const profileSchema = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: frame, children: z.array(z.int()).optional() })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});
type Profile = z.infer<typeof profileSchema>;

const SHOWN = 8;
/** Idle time. */
const IDLE = new Set(['(idle)', '(root)']);

/** Milliseconds by package or folder. */
export function timeByOrigin({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const origin = originAbove(id, byId, parents);
    if (origin !== null) times.set(origin, (times.get(origin) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  return times;
}

function originAbove(
  id: number,
  byId: ReadonlyMap<number, Profile['nodes'][number]>,
  parents: ReadonlyMap<number, number>,
): string | null {
  const own = byId.get(id)?.callFrame;
  if (!own || IDLE.has(own.functionName)) return null;
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const origin = originOf(byId.get(at)?.callFrame.url ?? '');
    if (origin !== null) return origin;
  }
  return own.functionName === '(garbage collector)' ? 'garbage collection' : 'node';
}

/** `mysql2`, `@aws-sdk/core`, `shared/kafka`; null for Node's own code. */
function originOf(url: string): string | null {
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(url)?.[1];
  return dependency ?? /\/((?:functions|shared|infra|test)\/[^/]+)/.exec(url)?.[1] ?? null;
}

function main(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  const threads = Map.groupBy(files, (name) => name.split('-')[0] ?? name);
  console.log('| thread | ms | in |\n| --- | --- | --- |');
  for (const [thread, ofThread] of threads) {
    const sums = new Map<string, number>();
    for (const name of ofThread) {
      const profile = profileSchema.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
      for (const [origin, time] of timeByOrigin(profile)) sums.set(origin, (sums.get(origin) ?? 0) + time);
    }
    const total = [...sums.values()].reduce((sum, time) => sum + time, 0);
    const most = [...sums].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
    const shares = most.map(([origin, time]) => `${origin} ${((100 * time) / total).toFixed(0)} %`);
    console.log(`| ${thread} | ${total.toFixed(0)} | ${shares.join(', ')} |`);
  }
}

if (import.meta.main) main(z.string().min(1).parse(process.argv[2]));
