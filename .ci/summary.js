// Prints what failed in a line each and "N passed, N failed" for .ci/run, and exits with 1 if anything failed. Lint with types
// counts as one check, leftover processes as another. Arguments: the exit code of lint and types, then for each run of the tests its
// name, the file of its results and its exit code.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [checkExit, ...runArguments] = process.argv.slice(2);

/** What the project starts runs from the checkout or from the packages in the user's cache. */
const OURS = [`${process.cwd()}/`, '/retail-time-machine/'];

/** @returns {{ passed: number, failed: number, failures: string[] }} */
function readRun(name, resultsFile, exit) {
  const run = readResults(resultsFile);
  console.error(`On ${name} ${run.passed} of ${run.passed + run.failed} tests passed.`);
  // A runner that failed without a failed test (an error between tests) must not look green.
  return exit !== '0' && run.failed === 0
    ? { ...run, failed: 1, failures: [`The tests on ${name} ended with exit code ${exit}`] }
    : run;
}

function readResults(resultsFile) {
  try {
    const { numPassedTests, numTotalTests, testResults } = JSON.parse(readFileSync(resultsFile, 'utf8'));
    const failed = numTotalTests - numPassedTests;
    return { passed: numPassedTests, failed, failures: testResults.flatMap(failuresOf) };
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`No test results: ${error.message}`] };
  }
}

/** In the order of the file: the first may be the cause of those that follow, and a long log may lack it. */
function failuresOf({ name, message, assertionResults }) {
  const file = relative(process.cwd(), name);
  const tests = assertionResults.filter(({ status }) => status === 'failed');
  if (tests.length === 0) return message ? [`${file}: ${firstLine(message)}`] : [];
  return tests.map(
    ({ fullName, failureMessages }) => `${file}, ${fullName}: ${firstLine(failureMessages[0])}`,
  );
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
}

/**
 * Processes that this run of CI started and that still run, such as a server that a test left behind. Another clone's don't count: only
 * descendants of this run have its mark in their environment. None are seen on a system without /proc.
 */
function leftovers() {
  const mark = `RTM_CI_RUN=${process.env.RTM_CI_RUN}`;
  const pids = existsSync('/proc') ? readdirSync('/proc') : [];
  return pids.flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const command = readProcess(pid, 'cmdline').replaceAll('\0', ' ').trim();
    const isOurs = OURS.some((place) => command.includes(place));
    return isOurs && readProcess(pid, 'environ').split('\0').includes(mark) ? [`${pid} ${command}`] : [];
  });
}

/** Empty for a process that has ended or is another user's. */
function readProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

const runs = [];
while (runArguments.length > 0) runs.push(readRun(...runArguments.splice(0, 3)));
const left = leftovers();
for (const failure of runs.flatMap(({ failures }) => failures)) console.error(`Failed: ${failure}`);
for (const line of left) console.error(`Left behind: ${line}`);

const checks = [checkExit === '0', left.length === 0];
const sum = (counts) => counts.reduce((total, count) => total + count, 0);
const passed = sum(runs.map((run) => run.passed)) + checks.filter(Boolean).length;
const failed = sum(runs.map((run) => run.failed)) + checks.filter((ok) => !ok).length;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
