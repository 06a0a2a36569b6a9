import { deepStrictEqual } from 'node:assert';
import { select } from '../../../shared/mysql/connection.ts';
import type { RunningSystem } from '../../support/system.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { SALES_PER_DAY, startBenchSystem } from '../bench-system.ts';
import { measured } from '../figure.ts';
import { openCrowd } from '../many-viewers.ts';
import { orLeftOut } from '../peers/left-out.ts';
import { ratioName } from '../peers/ratio.ts';
import { deliveryTimes } from '../peers/streams.ts';
import { residentMegabytes } from '../processes.ts';
import { nextDay, readStatus } from '../simulation-client.ts';

const VIEWERS = 1_000;
/** In each round. */
const DAYS = 10;

export const viewers: Bench = {
  row: 'viewers',
  what: '1,000 viewers over HTTP of one process, one day each: 100,000 deliveries, each viewer’s ids compared with the table’s',
  figures: {
    deliveries: { what: 'deliveries in order', unit: '', goal: { atLeast: VIEWERS * SALES_PER_DAY } },
    seconds: { what: 'click → last delivery', unit: 's', goal: { below: 0.5 } },
    growth: { what: 'memory that the viewers add to the process, at most', unit: 'MB', goal: { below: 300 } },
    memory: { what: 'memory of the process with all functions, at most', unit: 'MB', statistic: 'max' },
    first: { what: 'click → first delivery', unit: 's' },
    betterSse: { what: 'better-sse, the deliveries alone', unit: 's', optional: true },
    starlette: { what: 'sse-starlette, the deliveries alone', unit: 's', optional: true },
    ofBetterSse: {
      what: 'how many times sooner than better-sse',
      unit: '×',
      goal: { atLeast: 3 },
      optional: true,
    },
    ofStarlette: {
      what: 'how many times sooner than sse-starlette',
      unit: '×',
      goal: { atLeast: 15 },
      optional: true,
    },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    const before = residentMegabytes(system.pid).now;
    const crowd = await openCrowd(system.url, VIEWERS);

    async function oneDay(): Promise<Day> {
      crowd.forget();
      const begun = performance.now();
      await nextDay(system.url);
      const { first, last } = await crowd.until(SALES_PER_DAY);
      const expected = await idsOfDay(system);
      for (const ids of crowd.ids()) deepStrictEqual(ids, expected);
      return {
        deliveries: crowd.ids().reduce((sum, ids) => sum + ids.length, 0),
        first: (first - begun) / 1_000,
        seconds: (last - begun) / 1_000,
      };
    }

    return {
      async round() {
        const days: Day[] = [];
        for (let day = 0; day < DAYS; day += 1) days.push(await oneDay());
        const { peak } = residentMegabytes(system.pid);
        const seconds = days.map((day) => day.seconds);
        return {
          deliveries: days.map(({ deliveries }) => deliveries),
          first: days.map(({ first }) => first),
          seconds,
          growth: peak - before,
          memory: peak,
          ...(await peerFigures(context, system, measured(seconds).value)),
        };
      },
      async close() {
        crowd.close();
        await system.stop();
      },
    };
  },
};

/** One click with all viewers there: how many deliveries, and the seconds until the first and the last. */
interface Day {
  readonly deliveries: number;
  readonly first: number;
  readonly seconds: number;
}

/** What other servers take to send the sales of a day to as many viewers, without a pipeline in front. */
async function peerFigures(
  { directory, peers: { streams }, report }: BenchContext,
  { pool }: RunningSystem,
  ours: number,
): Promise<Record<string, number | readonly number[]>> {
  if (streams.length === 0) return {};
  const columns =
    'id, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, received_at';
  const sales = await select(pool, `SELECT ${columns} FROM kafka_events ORDER BY id LIMIT ?`, [
    SALES_PER_DAY,
  ]);
  const figures: Record<string, number | readonly number[]> = {};
  for (const server of streams) {
    const delivery = { sales, viewers: VIEWERS, days: DAYS, directory };
    const seconds = await orLeftOut(server.name, report, () => deliveryTimes(server, delivery));
    if (seconds === null) continue;
    figures[server.name] = seconds;
    figures[ratioName(server.name)] = measured(seconds).value / ours;
  }
  return figures;
}

/** The ids of the current day in the table. */
async function idsOfDay({ url, pool }: RunningSystem): Promise<number[]> {
  const { run_id, day_index } = await readStatus(url);
  const sql = 'SELECT id FROM kafka_events WHERE run_id = ? AND day_index = ? ORDER BY id';
  return (await select<{ id: number }>(pool, sql, [run_id, day_index])).map(({ id }) => id);
}
