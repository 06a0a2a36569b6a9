import type { Bench } from './bench.ts';
import { analytics } from './rows/analytics.ts';
import { bundles } from './rows/bundles.ts';
import { click } from './rows/click.ts';
import { fullRun } from './rows/full-run.ts';
import { idle } from './rows/idle.ts';
import { ingest } from './rows/ingest.ts';
import { load } from './rows/load.ts';
import { optimize } from './rows/optimize.ts';
import { page } from './rows/page.ts';
import { viewers } from './rows/viewers.ts';

/** Every row of the numbers to hold, in the order of measurement and display. */
export const benches: readonly Bench[] = [
  // First, while the servers are new: it also measures their memory.
  fullRun,
  ingest,
  click,
  load,
  optimize,
  analytics,
  viewers,
  idle,
  page,
  bundles,
];
