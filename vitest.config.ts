import { configDefaults, defineConfig } from 'vitest/config';
import { hasJavaForServers } from './test/support/server-modes.ts';

/**
 * What starts and kills servers as processes. Left out where Java isn't, or where MySQL runs elsewhere; not skipped, because a skipped
 * test counts as a failed one.
 */
const ON_PROCESSES = [
  'test/faults/**/*.test.ts',
  'test/integration/infra/local/servers/native.test.ts',
  'test/integration/infra/local/host-outage.test.ts',
  'test/integration/infra/local/cli/npm-start.test.ts',
];
const obstacle = await obstacleToProcesses();
const leftOut = obstacle === null ? [] : ON_PROCESSES;
if (obstacle !== null) process.stderr.write(`${obstacle}, so these are not run: ${leftOut.join(', ')}\n`);

async function obstacleToProcesses(): Promise<string | null> {
  if (!(await hasJavaForServers())) return 'There is no Java';
  return process.env.MYSQL_HOST ? 'The MySQL of MYSQL_HOST is no process of the tests' : null;
}

/**
 * Four projects: fast tests without servers (`npm run test:unit`); templates, bundles and lint of the infrastructure, which take
 * minutes; tests on real servers that are started once for the whole run; and the fault campaign, which kills servers of its own.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    // Limits on waiting, many times what anything takes: a busy machine may pause for seconds.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 120_000 } },
    // The servers need a core too.
    maxWorkers: 2,
    exclude: [...configDefaults.exclude, ...leftOut],
    coverage: {
      // What runs in this process: the functions' workers and the commands' processes are not measured.
      provider: 'v8',
      include: ['data/**/*.ts', 'functions/**/*.ts', 'infra/**/*.ts', 'shared/**/*.ts', 'web/**/*.{ts,tsx}'],
      exclude: ['infra/lambda-host/test/**'],
      reporter: ['text-summary', 'json-summary'],
      // One test that fails must not cost the report of all others.
      reportOnFailure: true,
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'infra/lambda-host/test/unit/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'infra', include: ['test/infra/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [
            'test/integration/**/*.test.ts',
            'test/browser/**/*.test.ts',
            'infra/lambda-host/test/integration/**/*.test.ts',
          ],
          globalSetup: 'test/support/servers.ts',
        },
      },
      {
        extends: true,
        test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 1_200_000 },
      },
    ],
  },
});
