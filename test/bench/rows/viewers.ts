import { deepStrictEqual } from 'node:assert';
import { select } from '../../../shared/mysql/connection.ts';
import type { RunningSystem } from '../../support/system.ts';
import type { Bench } from '../bench.ts';
import { SALES_PER_DAY, startBenchSystem } from '../bench-system.ts';
import { openCrowd } from '../many-viewers.ts';
import { residentMegabytes } from '../processes.ts';
import { nextDay, readStatus } from '../simulation-client.ts';

const VIEWERS = 1_000;

export const viewers: Bench = {
  row: 'viewers',
  what: '1,000 viewers over HTTP of one process, one day each: 100,000 deliveries, each viewer’s ids compared with the table’s',
  figures: {
    deliveries: { what: 'deliveries in order', unit: '', goal: { atLeast: VIEWERS * SALES_PER_DAY } },
    seconds: { what: 'click → last delivery', unit: 's', goal: { below: 2 } },
    growth: { what: 'memory that the viewers add to the process, at most', unit: 'MB', goal: { below: 300 } },
    memory: { what: 'memory of the process with all functions, at most', unit: 'MB', statistic: 'max' },
    first: { what: 'click → first delivery', unit: 's' },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    const before = residentMegabytes(system.pid).now;
    const crowd = await openCrowd(system.url, VIEWERS);
    return {
      async round() {
        crowd.forget();
        const begun = performance.now();
        await nextDay(system.url);
        const { first, last } = await crowd.until(SALES_PER_DAY);
        const expected = await idsOfDay(system);
        for (const ids of crowd.ids()) deepStrictEqual(ids, expected);
        const { peak } = residentMegabytes(system.pid);
        return {
          deliveries: crowd.ids().reduce((sum, ids) => sum + ids.length, 0),
          seconds: (last - begun) / 1_000,
          first: (first - begun) / 1_000,
          growth: peak - before,
          memory: peak,
        };
      },
      async close() {
        crowd.close();
        await system.stop();
      },
    };
  },
};

/** The ids of the current day in the table. */
async function idsOfDay({ url, pool }: RunningSystem): Promise<number[]> {
  const { run_id, day_index } = await readStatus(url);
  const sql = 'SELECT id FROM kafka_events WHERE run_id = ? AND day_index = ? ORDER BY id';
  return (await select<{ id: number }>(pool, sql, [run_id, day_index])).map(({ id }) => id);
}
