import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The token comes from the environment, because every user of a machine can see all command lines. */
const run = promisify(execFile);

it('npm run smoke rejects a token on its command line and names the variable for it', {
  timeout: 120_000,
}, async () => {
  const args = ['infra/local/cli/smoke.ts', 'http://127.0.0.1:9', '--token', 'x'];
  const failed = await run(process.execPath, args).then(
    () => '',
    (error: unknown) => (error instanceof Error && 'stderr' in error ? String(error.stderr) : ''),
  );
  expect(failed).toContain("Unknown option '--token'");
  expect(failed).toContain('API_TOKEN');
});
