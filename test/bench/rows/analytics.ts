import type { RunningSystem } from '../../support/system.ts';
import type { Bench, BenchContext, Samples } from '../bench.ts';
import { DAYS, datasetFile, startBenchSystem } from '../bench-system.ts';
import { type Endpoint, endpoints } from '../endpoints.ts';
import { type Figure, measured } from '../figure.ts';
import { type LoadGenerator, type LoadRequest, openLoadGenerator } from '../load-generator.ts';
import { orLeftOut } from '../peers/left-out.ts';
import { loadOriginal, startOriginal } from '../peers/original.ts';
import { nextDay, readStatus, untilStored } from '../simulation-client.ts';

const CONNECTIONS = 8;
const REQUESTS = 120;
/** For requests that take a tenth of a second. */
const FEW_REQUESTS = 24;
/**
 * Each worker of a function warms up separately. V8 compiles what has run some hundred times, as `SELECT 1` has: the first searches of
 * a worker take three times as long as later ones.
 */
const WARM_UP = 240;
/** Multiples of `SELECT 1`. */
const COLD = 3;
const WARM = 1.2;
/** Endpoints that the original has, too. Its search takes seconds. */
const OF_ORIGINAL = ['predict', 'price', 'promotions', 'optimize', 'recent', 'combo', 'metrics'];
const REQUESTS_TO_ORIGINAL = 16;
const SYSTEM = new URL('../select-one/system.ts', import.meta.url).href;
const selectOne: LoadRequest = { method: 'GET', path: '/bench/select-one' };

const figures: Record<string, Figure> = {
  selectOne: { what: '`SELECT 1`, p50', unit: 'ms' },
  ...Object.fromEntries(endpoints.flatMap(figuresOf)),
};

function figuresOf({ name, title, hasCutoff, atMost = {} }: Endpoint): [string, Figure][] {
  const cold = { atMost: atMost.cold ?? COLD };
  const warm = { atMost: atMost.warm ?? WARM };
  const byKind: [string, Figure][] = hasCutoff
    ? [
        [`${name}Cold`, { what: `${title}, cold, p50 of \`SELECT 1\``, unit: '×', goal: cold }],
        [`${name}Warm`, { what: `${title}, warm, p50 of \`SELECT 1\``, unit: '×', goal: warm }],
      ]
    : [[name, { what: `${title}, p50 of \`SELECT 1\``, unit: '×', goal: cold }]];
  if (!OF_ORIGINAL.includes(name)) return byKind;
  const ratio = { what: `${title}, times sooner than the original`, unit: '×', optional: true } as const;
  return [...byKind, [`${name}OfOriginal`, ratio]];
}

export const analytics: Bench = {
  row: 'analytics',
  what: 'the endpoints that analyse, over 8 connections and a whole run, against `SELECT 1` through the same stack (HTTP, host, worker, handler, MySQL) right before; cold: a cutoff that nobody asked before, warm: the same question again; what knows no cutoff is computed again for each request and held to the cold goal',
  figures,
  async open(context) {
    const system = await startBenchSystem(context, SYSTEM);
    await nextDay(system.url, DAYS);
    await untilStored(system.url);
    const { run_id } = await readStatus(system.url);
    const load = openLoadGenerator(system.url, CONNECTIONS);
    let question = 0;
    const ask = ({ method, path }: Endpoint, count: number, isNew: boolean): LoadRequest[] =>
      Array.from({ length: count }, () => ({ method, path: path(isNew ? question++ : 0, run_id) }));
    await load.send(Array.from({ length: WARM_UP }, () => selectOne));
    return {
      async round() {
        const bases: number[] = [];
        const samples: Record<string, number> = {};
        const p50s = new Map<string, number>();
        for (const endpoint of endpoints) {
          const { name, hasCutoff } = endpoint;
          // Every product's history is already cached: only the cutoff is cold.
          await load.send(ask(endpoint, WARM_UP, true));
          const base = await p50(
            load,
            Array.from({ length: REQUESTS }, () => selectOne),
          );
          bases.push(base);
          const cold = await p50(load, ask(endpoint, endpoint.takesLong ? FEW_REQUESTS : REQUESTS, true));
          p50s.set(name, cold);
          if (hasCutoff) {
            samples[`${name}Cold`] = cold / base;
            await load.send(ask(endpoint, WARM_UP, false));
            samples[`${name}Warm`] = (await p50(load, ask(endpoint, REQUESTS, false))) / base;
          } else {
            samples[name] = cold / base;
          }
        }
        const ratios = await orLeftOut('the original', context.report, () =>
          ratiosToOriginal(context, system, p50s),
        );
        return { ...samples, ...ratios, selectOne: bases } satisfies Samples;
      },
      async close() {
        load.close();
        await system.stop();
      },
    };
  },
};

/**
 * How many times longer the original takes for the same requests, also over 8 connections.
 *
 * @param ours p50 in milliseconds by endpoint
 */
async function ratiosToOriginal(
  { directory, peers: { original }, report }: BenchContext,
  { addresses, pool }: RunningSystem,
  ours: ReadonlyMap<string, number>,
): Promise<Record<string, number>> {
  if (original === null) return {};
  const place = { addresses, directory, pool, dataset: await datasetFile(directory) };
  await loadOriginal(original, place);
  const { url, stop } = await startOriginal(original, place);
  const load = openLoadGenerator(url, CONNECTIONS);
  try {
    const ratios: Record<string, number> = {};
    for (const { name, method, path } of endpoints) {
      if (!OF_ORIGINAL.includes(name)) continue;
      const requests = Array.from({ length: REQUESTS_TO_ORIGINAL }, (_, question) => ({
        method,
        path: path(question, ''),
      }));
      const theirs = await orLeftOut(`the original’s ${path(0, '')}`, report, () => p50(load, requests));
      if (theirs !== null) ratios[`${name}OfOriginal`] = theirs / Number(ours.get(name));
    }
    return ratios;
  } finally {
    load.close();
    await stop();
  }
}

async function p50(load: LoadGenerator, requests: readonly LoadRequest[]): Promise<number> {
  return measured(await load.send(requests)).value;
}
