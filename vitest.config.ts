import { configDefaults, defineConfig } from 'vitest/config';
import { hasJavaForServers } from './test/support/server-modes.ts';

/** What starts and kills servers as processes: not there where Java isn't, for a skipped test counts as a failed one. */
const ON_PROCESSES = [
  'test/faults/**/*.test.ts',
  'test/integration/servers.test.ts',
  'test/integration/host-outage.test.ts',
  'test/integration/npm-start.test.ts',
];
const withoutJava = (await hasJavaForServers()) ? [] : ON_PROCESSES;
if (withoutJava.length > 0)
  process.stderr.write(`There is no Java, so these are not run: ${withoutJava.join(', ')}\n`);

/**
 * Three projects: what is pure, what runs on real servers that are started once for the whole run, and the fault campaign,
 * which kills servers of its own.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    // Limits on waiting, not on being fast: many times what anything takes, for a busy machine may stand still for seconds.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    // The servers want a core too.
    maxWorkers: 2,
    exclude: [...configDefaults.exclude, ...withoutJava],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/infra/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/browser/**/*.test.ts'],
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
