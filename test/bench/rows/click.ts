import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { select } from '../../../shared/mysql/connection.ts';
import type { RunningSystem } from '../../support/system.ts';
import { openViewer, type Viewer } from '../../support/viewer.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { datasetFile, SALES_PER_DAY, startBenchSystem } from '../bench-system.ts';
import { measured } from '../figure.ts';
import { orLeftOut } from '../peers/left-out.ts';
import { loadOriginal, startOriginal } from '../peers/original.ts';
import { openRawPath } from '../raw-path.ts';
import { nextDay, readStatus, untilStored } from '../simulation-client.ts';

const CLICKS_PER_ROUND = 17;
const QUIET_MS = 3_000;
/** It takes five seconds each. */
const CLICKS_OF_ORIGINAL = 4;

export const click: Bench = {
  row: 'click',
  what: 'a click, after 3 s of quiet at least, until its 100th event is at a viewer, with the way divided by the times that the system notes down itself',
  figures: {
    latency: { what: 'click → 100th event', unit: 'ms', statistic: 'median', goal: { below: 100 } },
    slowest: { what: 'click → 100th event', unit: 'ms', statistic: 'p99', goal: { below: 500 } },
    accepted: { what: 'step 1: click → accepted by `simulation`', unit: 'ms' },
    published: { what: 'step 2: → Kafka has acknowledged the day', unit: 'ms' },
    stored: { what: 'step 3: → the last row is inserted', unit: 'ms' },
    counted: { what: 'step 4: → committed and counted', unit: 'ms' },
    shown: { what: 'step 5: → the 100th event is at the viewer', unit: 'ms' },
    answered: { what: 'the click’s own answer', unit: 'ms' },
    raw: { what: 'the bare calls of that way: update, produce, store, read', unit: 'ms' },
    ratio: { what: 'click → 100th event, of the bare calls', unit: '×' },
    original: { what: 'the original: click → 100th event', unit: 'ms', optional: true },
    ofOriginal: {
      what: 'how many times sooner than in the original',
      unit: '×',
      goal: { atLeast: 50 },
      optional: true,
    },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    const viewer = await openViewer(system.url);
    const raw = await openRawPath(system);
    return {
      async round() {
        const clicks: Awaited<ReturnType<typeof measureClick>>[] = [];
        for (let count = 0; count < CLICKS_PER_ROUND; count += 1) {
          await delay(QUIET_MS);
          clicks.push(await measureClick(system, viewer));
        }
        const bare = await raw.measure();
        const original = await orLeftOut('the original', context.report, () =>
          clicksOfOriginal(context, system),
        );
        const of = (name: keyof (typeof clicks)[number]) => clicks.map((each) => each[name]);
        return {
          latency: of('latency'),
          slowest: of('latency'),
          accepted: of('accepted'),
          published: of('published'),
          stored: of('stored'),
          counted: of('counted'),
          shown: of('shown'),
          answered: of('answered'),
          raw: bare,
          ratio: of('latency').map((latency) => latency / bare),
          ...(original === null
            ? {}
            : { original, ofOriginal: measured(original).value / measured(of('latency')).value }),
        };
      },
      async close() {
        viewer.close();
        await raw.close();
        await system.stop();
      },
    };
  },
};

async function measureClick(system: RunningSystem, viewer: Viewer) {
  const before = viewer.sales.length;
  const clicked = Date.now();
  const answering = nextDay(system.url).then(() => Date.now() - clicked);
  await viewer.until(({ sales }) => sales.length >= before + SALES_PER_DAY);
  const shown = Date.now();
  const answered = await answering;
  await untilStored(system.url);
  const { requested, published, inserted, counted } = await timesOfDay(system);
  return {
    latency: shown - clicked,
    answered,
    accepted: requested - clicked,
    published: published - requested,
    stored: inserted - published,
    counted: counted - inserted,
    shown: shown - counted,
  };
}

/** Milliseconds of each click; null without the original. */
async function clicksOfOriginal(
  { directory, peers: { original } }: BenchContext,
  { addresses, pool }: RunningSystem,
): Promise<number[] | null> {
  if (original === null) return null;
  const place = { addresses, directory, pool, dataset: await datasetFile(directory) };
  await loadOriginal(original, place);
  const { url, stop } = await startOriginal(original, place);
  try {
    const viewer = await openViewer(url);
    const milliseconds: number[] = [];
    // The first click also opens connections.
    for (let click = 0; click <= CLICKS_OF_ORIGINAL; click += 1) {
      const before = viewer.sales.length;
      const begun = performance.now();
      await nextDay(url);
      await viewer.until(({ sales }) => sales.length >= before + SALES_PER_DAY);
      if (click > 0) milliseconds.push(performance.now() - begun);
    }
    viewer.close();
    return milliseconds;
  } finally {
    await stop();
  }
}

const time = z.iso.datetime().transform((text) => Date.parse(text));
const runDays = z.object({
  days: z.array(z.object({ requested_at: time, published_at: time, completed_at: time })),
});

/** The ledger of the newest day, in epoch milliseconds. */
async function timesOfDay({ url, pool }: RunningSystem) {
  const { run_id, day_index } = await readStatus(url);
  const answer = await fetch(`${url}/simulation/runs/${run_id}/days`);
  const day = runDays.parse(await answer.json()).days.at(-1);
  const sql =
    'SELECT UNIX_TIMESTAMP(MAX(received_at)) * 1000 AS at FROM kafka_events WHERE run_id = ? AND day_index = ?';
  const [row] = await select<{ at: number }>(pool, sql, [run_id, day_index]);
  if (!day || !row) throw new Error(`Nothing is noted of day ${day_index} of run ${run_id}.`);
  return {
    requested: day.requested_at,
    published: day.published_at,
    inserted: row.at,
    counted: day.completed_at,
  };
}
