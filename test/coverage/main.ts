/**
 * `npm run test:coverage [-- <options of vitest run>]`: runs the tests with coverage, and prints the share of the code that they ran, by
 * top-level folder. Exits with vitest's code.
 *
 * A long run can be divided: `-- --project unit --reporter=blob --outputFile.blob=parts/unit.json` for each project, and then
 * `-- --merge-reports=parts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { coverageTable } from './coverage-table.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SUMMARY = path.join(ROOT, 'coverage/coverage-summary.json');

// A report of an earlier run must not pass for this one's.
await rm(SUMMARY, { force: true });
const vitest = spawn('vitest', ['run', '--coverage', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => vitest.kill(signal));
const [code] = await once(vitest, 'exit');
process.exitCode = code ?? 1;

const summary = await readFile(SUMMARY, 'utf8').catch(() => null);
if (summary === null) {
  console.error('vitest has written no report of coverage.');
  process.exitCode ||= 1;
} else {
  console.log(coverageTable(summary, ROOT));
}
