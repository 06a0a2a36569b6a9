import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnosticsOf, findPythonProgram } from '../support/python-program.ts';

/** Includes the schemas of Compose, GitHub's workflows and Dependabot. */
const PROGRAM = { name: 'check-jsonschema', version: '0.39.0' } as const;
/** Without Python the tests are skipped. In CI, where Python is installed, a skipped test counts as failed. */
const MISSING = 'check-jsonschema could not be installed: it needs Python and the network';
const MINUTES = 60_000;

let program: string | null;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'schemas-'));
  program = await findPythonProgram(PROGRAM);
}, 15 * MINUTES);

afterAll(() => rm(directory, { recursive: true, force: true }));

const files = [
  ['docker-compose.localstack.yml', 'vendor.compose-spec', 'services: {kafka: {imagge: x}}'],
  ['.github/workflows/test.yml', 'vendor.github-workflows', 'on: push\njobs: {test: {runs: x}}'],
  ['.github/workflows/nightly.yml', 'vendor.github-workflows', 'on: push\njobs: {run: {steps: x}}'],
  ['.github/workflows/codeql.yml', 'vendor.github-workflows', 'on: push\njobs: {analyze: {uses: 1}}'],
  ['.github/workflows/deploy.yml', 'vendor.github-workflows', 'on: {pusch: {}}\njobs: {}'],
  ['.github/dependabot.yml', 'vendor.dependabot', 'version: 2\nupdates: [{directory: /}]'],
] as const;

describe.each(files)('%s', (file, schema, wrong) => {
  const check = (checked: string) => diagnosticsOf(program ?? '', ['--builtin-schema', schema, checked]);

  it('the file is valid by its schema', { timeout: 10 * MINUTES }, async ({ skip }) => {
    if (program === null) return skip(MISSING);
    expect(await check(file)).toEqual([]);
  });

  it('a mistake in the file is reported by its schema', { timeout: 10 * MINUTES }, async ({ skip }) => {
    if (program === null) return skip(MISSING);
    const broken = path.join(directory, path.basename(file));
    await writeFile(broken, wrong);
    expect((await check(broken)).join('\n')).toMatch(/\$\.|\$::/);
  });
});
