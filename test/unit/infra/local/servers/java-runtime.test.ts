import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { bringJava, broughtJava } from '../../../../../infra/local/servers/java.ts';

const root = mkdtempSync(join(tmpdir(), 'java-runtime-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** A PATH with a fake Python alone, and an empty cache. */
function stubPython(script: string | null): void {
  const folder = mkdtempSync(join(root, 'bin-'));
  if (script !== null) {
    writeFileSync(join(folder, 'python3'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'python3'), 0o755);
  }
  vi.stubEnv('PATH', folder);
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(root, 'cache-')));
  // njre asks no network: this proxy refuses.
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
  vi.stubEnv('NO_PROXY', '');
}

test.each([
  [null, 'pip: there is no Python; njre: '],
  ['echo "hashes do not match"; exit 1', 'pip: hashes do not match; njre: '],
  ['exit 0', 'pip: it downloaded nothing; njre: '],
])(
  'a Java runtime that can be brought neither way is reported with both reasons (Python: %s)',
  async (script, reasons) => {
    stubPython(script);
    const lines: string[] = [];
    const bringing = bringJava((line) => lines.push(line), AbortSignal.timeout(60_000));
    await expect(bringing).rejects.toThrow(reasons);
    expect(lines).toHaveLength(2);
    expect(await broughtJava()).toBeNull();
  },
);
