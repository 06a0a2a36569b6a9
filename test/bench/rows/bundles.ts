import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleFunctions } from '../../../infra/aws/bundle.ts';
import { functions } from '../../../infra/system.ts';
import { buildPage } from '../../../web/build.ts';
import { importTime } from '../../infra/aws/import-time.ts';
import { lambdaEnvironments } from '../../infra/aws/lambda-environment.ts';
import type { Bench, Samples } from '../bench.ts';
import type { Figure } from '../figure.ts';

const IMPORTS = 3;
const ROOT = path.join(import.meta.dirname, '../../..');
const names = Object.keys(functions);

/** Two figures per function: `feed` and `feedBytes`. */
const figures: Record<string, Figure> = Object.fromEntries(
  names.flatMap((name): [string, Figure][] => [
    [name, { what: `${name}, import`, unit: 'ms of CPU', goal: { below: 120 } }],
    [`${name}Size`, { what: `${name}, minified`, unit: 'KB', goal: { below: 2_000 } }],
  ]),
);

export const bundles: Bench = {
  row: 'bundles',
  what: 'each function’s bundle as Lambda gets it, with the environment of its template: processor time of importing it in a process of its own beyond that of an empty module, the least of three imports a round',
  figures,
  async open() {
    const parent = path.join(ROOT, '.local/aws');
    await mkdir(parent, { recursive: true });
    const out = await mkdtemp(path.join(parent, 'bench-'));
    const made = await bundleFunctions(functions, { outDirectory: path.join(out, 'bundles'), buildPage });
    const environments = lambdaEnvironments((name) => path.join(out, 'bundles', name));
    const empty = path.join(out, 'empty.mjs');
    await writeFile(empty, 'export const handler = async () => {};');
    return {
      async round() {
        const samples: Record<string, number> = {};
        const least = await importTime(empty, {}, IMPORTS);
        for (const [name, { directory, bytes }] of made) {
          const file = path.join(directory, 'index.mjs');
          samples[name] = (await importTime(file, environments.get(name) ?? {}, IMPORTS)) - least;
          samples[`${name}Size`] = bytes / 1_000;
        }
        return samples satisfies Samples;
      },
      close: () => rm(out, { recursive: true, force: true }),
    };
  },
};
