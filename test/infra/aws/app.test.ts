import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildPageFiles } from '../../../infra/local/page.ts';
import { contextWith } from './synthesis.ts';

const run = promisify(execFile);

/** A separate stage, so that a deployment's bundles aren't rebuilt while it runs. */
const STAGE = 'apptest';
const BUNDLES = `.local/aws/bundles-${STAGE}`;

const assetsFile = z.object({
  files: z.record(z.string(), z.object({ displayName: z.string(), source: z.object({ path: z.string() }) })),
});

let out: string;

beforeAll(async () => {
  out = await mkdtemp(path.join(tmpdir(), 'app-'));
});

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
  await rm(BUNDLES, { recursive: true, force: true });
});

describe('the app that `cdk synth` runs', () => {
  it('`cdk synth` succeeds, with a template for each stack and the complete code of the functions', async () => {
    const stages = {
      ...z.record(z.string(), z.unknown()).parse(contextWith().stages),
      [STAGE]: { extends: 'dev' },
    };
    const context = JSON.stringify(contextWith({ stage: STAGE, stages }));
    // Node exits with 13 if a build that the app awaits never ends.
    await run(process.execPath, ['infra/aws/main.ts'], {
      env: { ...process.env, CDK_CONTEXT_JSON: context, CDK_OUTDIR: out, CDK_VALIDATION: 'true' },
    });

    const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
    const stacks = 'api data edge live monitoring network pipeline storage streaming'.split(' ');
    expect(templates.sort()).toEqual(stacks.map((name) => `rtm-${STAGE}-${name}.template.json`));
    expect(filesOf('api', 'system/Function')).toEqual(expect.arrayContaining(['index.mjs', 'docs']));
    expect(filesOf('live', 'live/Function')).toEqual(expect.arrayContaining(['index.mjs', 'page']));
  }, 300_000);

  it('the page is built while functions are still being built', async () => {
    const page = Promise.withResolvers<void>();
    const slow = build({
      stdin: { contents: "import 'slow'" },
      bundle: true,
      write: false,
      plugins: [
        {
          name: 'slow',
          setup({ onResolve }) {
            onResolve({ filter: /^slow$/ }, () =>
              page.promise.then(() => ({ path: 'slow', external: true })),
            );
          },
        },
      ],
    });
    await buildPageFiles(path.resolve('.'), path.join(out, 'page'));
    page.resolve();
    expect((await slow).outputFiles).toHaveLength(1);
  });
});

/** What is deployed as a function's code. */
function filesOf(stack: string, construct: string): string[] {
  const file = path.join(out, `rtm-${STAGE}-${stack}.assets.json`);
  const { files } = assetsFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const asset = Object.values(files).find(({ displayName }) => displayName.startsWith(construct));
  return asset ? readdirSync(path.join(out, asset.source.path)) : [];
}
