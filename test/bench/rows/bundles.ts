import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleFunctions } from '../../../infra/aws/bundle.ts';
import { SetupError } from '../../../infra/local/servers/setup-error.ts';
import { functions } from '../../../infra/system.ts';
import { buildPage } from '../../../web/build.ts';
import { importTime } from '../../infra/aws/import-time.ts';
import { lambdaEnvironments } from '../../infra/aws/lambda-environment.ts';
import { runtimeClient } from '../../ric/client.ts';
import { measureEmptyStart, measureStart } from '../../ric/starts.ts';
import type { Bench, Samples } from '../bench.ts';
import type { Figure } from '../figure.ts';

const IMPORTS = 3;
const ROOT = path.join(import.meta.dirname, '../../..');
const names = Object.keys(functions);

/** Three figures per function: `feed`, which explains `feedInit`, and `feedSize`. */
const figures: Record<string, Figure> = Object.fromEntries(
  names.flatMap((name): [string, Figure][] => [
    [name, { what: `${name}, import`, unit: 'ms of CPU' }],
    [`${name}Init`, { what: `${name}, init`, unit: 'ms of CPU', goal: { atMost: 120 }, optional: true }],
    [`${name}Size`, { what: `${name}, minified`, unit: 'KB', goal: { atMost: 2_000 } }],
  ]),
);

export const bundles: Bench = {
  row: 'bundles',
  what: 'each function’s bundle as Lambda gets it, with the environment of its template: processor time of its import beyond that of an empty module (the least of three), and of its start under AWS’s own runtime client beyond that of an empty handler (the least of five)',
  figures,
  async open({ report }) {
    const client = await runtimeClient(report).catch((error: unknown) => {
      if (!(error instanceof SetupError)) throw error;
      report(`Left out: starts under AWS’s runtime client (${error.message})`);
      return null;
    });
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
        if (client !== null) {
          const { initMs: empty } = await measureEmptyStart(client);
          for (const [name, { directory }] of made) {
            const variables = environments.get(name) ?? {};
            samples[`${name}Init`] = (await measureStart(client, { directory, variables })).initMs - empty;
          }
        }
        return samples satisfies Samples;
      },
      close: () => rm(out, { recursive: true, force: true }),
    };
  },
};
