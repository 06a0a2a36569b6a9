// Prints "N passed, N failed" for .ci/run and exits with 1 if anything failed. Lint with types counts as one check, leftover
// processes as another.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [resultsFile, checkExit, testExit] = process.argv.slice(2);

/** @returns {{ passed: number, failed: number }} */
function countTests() {
  try {
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(resultsFile, 'utf8'));
    return { passed: numPassedTests, failed: numTotalTests - numPassedTests };
  } catch (error) {
    console.error(`No test results: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

/** Processes that still run from this checkout, such as a server that a test left behind. */
function leftovers() {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args=', '-ww'], { encoding: 'utf8' }).split('\n');
  const own = new Set([String(process.pid), String(process.ppid)]);
  const inCheckout = (line) => line.includes(`${process.cwd()}/`) && !own.has(line.trim().split(/\s+/)[0]);
  return processes.filter(inCheckout);
}

const tests = countTests();
const left = leftovers();
for (const line of left) console.error(`Left behind: ${line.trim()}`);

const checks = [checkExit === '0', left.length === 0];
const passed = tests.passed + checks.filter(Boolean).length;
// A runner that failed without a failed test (an error between tests) must not look green.
const silent = testExit !== '0' && tests.failed === 0 ? 1 : 0;
const failed = tests.failed + checks.filter((ok) => !ok).length + silent;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
