/**
 * Loads one data set in a process of its own, so that its memory can be measured: `node etl-process.ts <settings JSON>
 * <file>`. Prints `{"rows", "seconds", "peakMb"}`.
 */
import { LOADING_SESSION, runEtl } from '../../functions/etl/etl.ts';
import { openDataset } from '../../shared/dataset/open-dataset.ts';
import { openPool } from '../../shared/mysql/connection.ts';
import { mysqlSettings } from '../../shared/settings.ts';

const [settings = '', path = ''] = process.argv.slice(2);
const pool = openPool(mysqlSettings.parse(JSON.parse(settings)), {
  connectionLimit: 1,
  session: LOADING_SESSION,
});
const { rows, seconds } = await runEtl(
  {
    pool,
    store: { register: async ({ dates }) => ({ startedRun: true, totalDays: dates.length }) },
    log: { info: () => {} },
    now: () => performance.now(),
  },
  openDataset({ kind: 'file', path }),
);
await pool.end();
process.stdout.write(JSON.stringify({ rows, seconds, peakMb: process.resourceUsage().maxRSS / 1024 }));
