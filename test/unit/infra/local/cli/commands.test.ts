import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const MAIN = 'infra/local/cli/main.js';

/** Every file that a command runs, as main.js names it. */
function filesOfCommands(): string[] {
  const text = readFileSync(path.join(ROOT, MAIN), 'utf8');
  return [...text.matchAll(/module: '([^']+)'|join\(ROOT, '([^']+\.ts)'\)/g)].map(
    ([, module, program]) => module ?? program ?? '',
  );
}

test('every command runs a file that exists', () => {
  const files = filesOfCommands();
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});
