// Prints what failed in a line each and "N passed, N failed" for .ci/run, and exits with 1 if anything failed. Lint with types
// counts as one check, leftover processes as another.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [resultsFile, checkExit, testExit, startedSeconds] = process.argv.slice(2);

/** What the project starts runs from the checkout or from the packages in the user's cache. */
const OURS = [`${process.cwd()}/`, '/retail-time-machine/'];

/** @returns {{ passed: number, failed: number, failures: string[] }} */
function readTests() {
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

/** Processes of ours that began since CI did and still run, such as a server that a test left behind. */
function leftovers() {
  const seconds = Date.now() / 1000 - Number(startedSeconds);
  const lines = execFileSync('ps', ['-eo', 'pid=,etimes=,args=', '-ww'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => {
    const [pid, age] = line.trim().split(/\s+/).map(Number);
    const isRelated = pid === process.pid || pid === process.ppid;
    return !isRelated && age <= seconds && OURS.some((place) => line.includes(place));
  });
}

const tests = readTests();
const left = leftovers();
for (const failure of tests.failures) console.error(`Failed: ${failure}`);
for (const line of left) console.error(`Left behind: ${line.trim()}`);

const checks = [checkExit === '0', left.length === 0];
const passed = tests.passed + checks.filter(Boolean).length;
// A runner that failed without a failed test (an error between tests) must not look green.
const silent = testExit !== '0' && tests.failed === 0 ? 1 : 0;
const failed = tests.failed + checks.filter((ok) => !ok).length + silent;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
