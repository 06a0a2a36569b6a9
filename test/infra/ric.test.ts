import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

it("without the tools to build AWS's runtime client its test says so in one line and fails", async () => {
  const cache = await mkdtemp(path.join(tmpdir(), 'no-tools-'));
  const env = { PATH: cache, HOME: cache, XDG_CACHE_HOME: cache };
  const ended = await new Promise<{ code: unknown; errors: string }>((resolve) => {
    execFile(process.execPath, ['test/ric/main.ts'], { env }, (error, _output, errors) =>
      resolve({ code: error?.code ?? 0, errors }),
    );
  });
  await rm(cache, { recursive: true });
  expect(ended.code).toBe(1);
  expect(ended.errors).toMatch(
    /^(aws-lambda-ric can't be built here: install cmake, .*|aws-lambda-ric runs on Linux only)\.\n$/,
  );
});
