/** `npm run rtm -- test:viewers`: does each of a thousand reconnecting viewers end with exactly the run's events? */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { mysqlSettingsOf } from '../../infra/local/environment.ts';
import { openPool } from '../../shared/mysql/connection.ts';
import { startLocalSystem } from '../support/stage.ts';
import { viewerCampaign } from './campaign.ts';

const FOLDER = join(import.meta.dirname, '../../.local/viewers');
const SETTLE_WITHIN_MS = 120_000;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { seed: text, viewers: text, runs: text, days: text, port: text } });
const options = z
  .object({
    seed: z.coerce.number().int().min(0).default(1),
    viewers: z.coerce.number().int().min(1).max(2_000).default(1_000),
    runs: z.coerce.number().int().min(1).max(100).default(4),
    days: z.coerce.number().int().min(1).max(731).default(40),
    port: z.coerce.number().int().min(0).max(65_535).default(0),
  })
  .parse(values);

const begun = performance.now();
const stage = await startLocalSystem(FOLDER, options.port);
const pool = openPool(mysqlSettingsOf(stage.addresses, stage.names.database), { connectionLimit: 2 });
try {
  console.log(`Seed ${options.seed}: ${JSON.stringify(options)}`);
  const report = await viewerCampaign({ ...options, url: stage.url, pool, settleWithinMs: SETTLE_WITHIN_MS });
  const { complaints, ...figures } = report;
  console.log({ ...figures, seconds: Math.round((performance.now() - begun) / 1000) });
  for (const complaint of complaints.slice(0, 20)) console.error(complaint);
  console.log(
    complaints.length === 0 ? 'Every viewer has exactly the run.' : `${complaints.length} complaints.`,
  );
  process.exitCode = complaints.length === 0 ? 0 : 1;
} finally {
  await pool.end();
  await stage.stop();
}
