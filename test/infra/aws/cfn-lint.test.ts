import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stacks } from '../../../infra/aws/build-app.ts';
import { diagnosticsOf, findPythonProgram } from '../../../infra/python-program.ts';
import { stageNamed, synthesize } from './synthesis.ts';

/** cfn-lint, AWS's own check of templates. */

const PROGRAM = { name: 'cfn-lint', version: '1.58.0' } as const;

/** "DependsOn that a reference implies already": the CDK writes it on purpose, and it does no harm. */
const IGNORED = ['W3005'];

/** Where cfn-lint is; null if it can't be had here. */
function findCfnLint(): Promise<string | null> {
  return findPythonProgram(PROGRAM);
}

/** What cfn-lint finds in templates, one finding a line; empty if nothing. @throws if it can't be run. */
function lintTemplates(cfnLint: string, files: readonly string[]): Promise<string[]> {
  return diagnosticsOf(cfnLint, ['--format', 'parseable', '--ignore-checks', ...IGNORED, '--', ...files]);
}

const MINUTES = 60_000;

/** Seen as skipped here; in CI, where Python is, that counts as failed. */
const MISSING = 'cfn-lint could not be installed: it needs Python and the network';

let cfnLint: string | null;
let directory: string;

beforeAll(async () => {
  await mkdir('.local/aws', { recursive: true });
  directory = await mkdtemp('.local/aws/lint-');
  // Its installation, the first time.
  cfnLint = await findCfnLint();
}, 15 * MINUTES);

afterAll(() => rm(directory, { recursive: true, force: true }));

async function writeTemplates(stageName: string): Promise<string[]> {
  const { stacks, template } = synthesize({ stage: stageNamed(stageName) });
  const names = Object.keys(stacks) as (keyof Stacks)[];
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, `${stageName}-${name}.template.json`);
      await writeFile(file, JSON.stringify(template(name).toJSON(), null, 1));
      return file;
    }),
  );
}

describe('cfn-lint', () => {
  for (const name of ['dev', 'prod']) {
    it(
      `finds nothing in the templates of ${name}`,
      async ({ skip }) => {
        if (cfnLint === null) return skip(MISSING);
        const files = await writeTemplates(name);
        expect(files).toHaveLength(9);
        expect(await lintTemplates(cfnLint, files)).toEqual([]);
      },
      10 * MINUTES,
    );
  }

  it(
    'would find a property that does not exist',
    async ({ skip }) => {
      if (cfnLint === null) return skip(MISSING);
      const file = path.join(directory, 'wrong.template.json');
      const Resources = { Topic: { Type: 'AWS::SNS::Topic', Properties: { Nmae: 'x' } } };
      await writeFile(file, JSON.stringify({ Resources }));
      expect((await lintTemplates(cfnLint, [file])).join()).toContain('Nmae');
    },
    10 * MINUTES,
  );
});
