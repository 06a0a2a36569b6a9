import type { Bench, Samples } from '../bench.ts';
import { DAYS, startBenchSystem } from '../bench-system.ts';
import { type Endpoint, endpoints } from '../endpoints.ts';
import { type Figure, measured } from '../figure.ts';
import { type LoadGenerator, type LoadRequest, openLoadGenerator } from '../load-generator.ts';
import { nextDay, readStatus, untilStored } from '../simulation-client.ts';

const CONNECTIONS = 8;
const REQUESTS = 120;
/** For requests that take a tenth of a second. */
const FEW_REQUESTS = 24;
/** Each worker of a function warms up separately. */
const WARM_UP = 40;
const COLD = { atMost: 3 } as const;
const WARM = { atMost: 1.2 } as const;
const SYSTEM = new URL('../select-one/system.ts', import.meta.url).href;
const selectOne: LoadRequest = { method: 'GET', path: '/bench/select-one' };

const figures: Record<string, Figure> = {
  selectOne: { what: '`SELECT 1`, p50', unit: 'ms' },
  ...Object.fromEntries(endpoints.flatMap(figuresOf)),
};

function figuresOf({ name, title, hasCutoff }: Endpoint): [string, Figure][] {
  if (!hasCutoff) return [[name, { what: `${title}, p50 of \`SELECT 1\``, unit: '×', goal: COLD }]];
  return [
    [`${name}Cold`, { what: `${title}, cold, p50 of \`SELECT 1\``, unit: '×', goal: COLD }],
    [`${name}Warm`, { what: `${title}, warm, p50 of \`SELECT 1\``, unit: '×', goal: WARM }],
  ];
}

export const analytics: Bench = {
  row: 'analytics',
  what: 'the endpoints that analyse, over 8 connections and a whole run, against `SELECT 1` through the same stack (HTTP, host, worker, handler, MySQL) right before; cold: a cutoff that nobody asked before, warm: the same question again; what knows no cutoff is made anew for each request and held to the cold goal',
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
        for (const endpoint of endpoints) {
          const { name, hasCutoff } = endpoint;
          // Every product's history is already cached: only the cutoff is cold.
          await load.send(ask(endpoint, WARM_UP, true));
          const base = await p50(
            load,
            Array.from({ length: REQUESTS }, () => selectOne),
          );
          bases.push(base);
          if (hasCutoff) {
            samples[`${name}Cold`] = (await p50(load, ask(endpoint, REQUESTS, true))) / base;
            await load.send(ask(endpoint, WARM_UP, false));
            samples[`${name}Warm`] = (await p50(load, ask(endpoint, REQUESTS, false))) / base;
          } else {
            samples[name] = (await p50(load, ask(endpoint, FEW_REQUESTS, false))) / base;
          }
        }
        return { ...samples, selectOne: bases } satisfies Samples;
      },
      async close() {
        load.close();
        await system.stop();
      },
    };
  },
};

async function p50(load: LoadGenerator, requests: readonly LoadRequest[]): Promise<number> {
  return measured(await load.send(requests)).value;
}
