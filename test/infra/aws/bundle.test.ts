import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Bundle, bundleFunctions, rdsCertificates } from '../../../infra/aws/bundle.ts';
import { functions } from '../../../infra/system.ts';
import { importOnce, importTime } from './import-time.ts';
import { lambdaEnvironments } from './lambda-environment.ts';

const names = Object.keys(functions) as (keyof typeof functions)[];
const MAXIMUM_BYTES = 2_000_000;

let out: string;
let bundles: Map<string, Bundle>;
let environments: Map<string, Record<string, string>>;

beforeAll(async () => {
  await mkdir('.local/aws', { recursive: true });
  out = await mkdtemp('.local/aws/test-');
  bundles = await bundleFunctions(functions, {
    outDirectory: path.resolve(out),
    buildPage: (directory) => writeFile(path.join(directory, 'index.html'), '<!doctype html>'),
  });
  environments = lambdaEnvironments((name) => bundleOf(name).directory);
});

afterAll(() => rm(out, { recursive: true, force: true }));

function bundleOf(name: string): Bundle {
  const bundle = bundles.get(name);
  if (!bundle) throw new Error(`${name} was not bundled.`);
  return bundle;
}

function environmentOf(name: string): Record<string, string> {
  return environments.get(name) ?? {};
}

/** Source maps name the packages that a module was made from. */
const sourceMap = z.object({ sources: z.array(z.string()) });

/** The packages in a bundle, and those among them that Node reads with `index.mjs`. */
function packagesOf(directory: string): { started: Set<string>; all: Set<string> } {
  const read = (file: string) => readFileSync(path.join(directory, file), 'utf8');
  const packagesIn = (file: string) =>
    sourceMap
      .parse(JSON.parse(read(`${file}.map`)))
      .sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
  const started = new Set(['index.mjs']);
  for (const file of started) {
    // Unlike `import("./chunk.mjs")`, a static import has no parenthesis.
    for (const [, imported] of read(file).matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+)"/g))
      if (imported !== undefined) started.add(imported);
  }
  const all = readdirSync(directory).filter((file) => file.endsWith('.mjs'));
  return { started: new Set([...started].flatMap(packagesIn)), all: new Set(all.flatMap(packagesIn)) };
}

describe.each(names)('the bundle of %s', (name) => {
  it('a bundle is smaller than 2 MB', () => {
    expect(bundleOf(name).bytes).toBeLessThan(MAXIMUM_BYTES);
  });

  it('a bundle starts with the environment from its template', async () => {
    const started = await importOnce(path.join(bundleOf(name).directory, 'index.mjs'), environmentOf(name));
    expect(started.handler).toBe('function');
  });

  it('a bundle contains only importable modules, each with a source map', async () => {
    const { directory } = bundleOf(name);
    const modules = readdirSync(directory).filter((file) => file.endsWith('.mjs'));
    const environment = environmentOf(name);
    await Promise.all(modules.map((module) => importOnce(path.join(directory, module), environment)));
    for (const module of modules)
      expect(existsSync(path.join(directory, `${module}.map`)), module).toBe(true);
  });

  it('a bundle contains the files that its environment names', () => {
    const { MYSQL_CA_FILE, SCHEMA_DIRECTORY, PAGE_DIRECTORY, DOCS_DIRECTORY } = environmentOf(name);
    for (const file of [MYSQL_CA_FILE, SCHEMA_DIRECTORY, PAGE_DIRECTORY, DOCS_DIRECTORY]) {
      if (file !== undefined) expect(existsSync(file), file).toBe(true);
    }
  });
});

describe('the bundles', () => {
  it('the bundles include the page for live, the schema for etl and the API documentation for system', () => {
    const docs = readdirSync(path.join(bundleOf('system').directory, 'docs'));
    expect(docs).toEqual(expect.arrayContaining(['index.html', 'openapi.json', 'swagger-ui-bundle.js']));
    expect(readdirSync(path.join(bundleOf('live').directory, 'page'))).toEqual(['index.html']);
    expect(readdirSync(path.join(bundleOf('migrate').directory, 'schema'))).toEqual(
      readdirSync('data/schema'),
    );
  });

  it.each([
    ['analytics', 'jstat'],
    ['system', 'prom-client'],
    ['system', 'kafkajs'],
    ['reconciliation', 'kafkajs'],
  ])('the start of %s does not read %s, which most of its requests never need', (name, dependency) => {
    const { started, all } = packagesOf(bundleOf(name).directory);
    expect([...all]).toContain(dependency);
    expect([...started]).not.toContain(dependency);
  });

  it('no bundle imports node:http as an ES module, for which Node would load undici', () => {
    for (const name of names) {
      const { directory } = bundleOf(name);
      for (const file of readdirSync(directory).filter((file) => file.endsWith('.mjs')))
        expect(readFileSync(path.join(directory, file), 'utf8'), `${name}/${file}`).not.toMatch(
          /\b(?:from|import)\s*\(?"(?:node:)?http"/,
        );
    }
  });

  it('a bundle has the encoding tables that mysql2 may require as files beside its modules', () => {
    const { directory } = bundleOf('sales');
    const modules = readdirSync(directory).filter((file) => file.endsWith('.mjs'));
    const texts = modules.map((file) => readFileSync(path.join(directory, file), 'utf8'));
    const tables = texts.flatMap((text) =>
      [...text.matchAll(/"(\.\/tables\/[^"]+)"/g)].map(([, file]) => file),
    );
    expect(tables).toContain('./tables/shiftjis.json');
    for (const file of tables) expect(existsSync(path.join(directory, file ?? '')), file).toBe(true);
  });

  it('a bundle starts in less than half the processor time of its sources', async () => {
    const environment = environmentOf('system');
    const [bundled, sources] = await Promise.all([
      importTime(path.join(bundleOf('system').directory, 'index.mjs'), environment, 4),
      importTime(functions.system.entry, environment, 1),
    ]);
    expect(bundled).toBeLessThan(sources / 2);
  });

  it('a bundle refuses to start without a setting and names it', async () => {
    const { TABLE_NAME: _, ...without } = environmentOf('simulation');
    const started = importOnce(path.join(bundleOf('simulation').directory, 'index.mjs'), without);
    await expect(started).rejects.toThrow(/TABLE_NAME/);
  });

  it('stack traces of a bundle point to the lines of the sources', async () => {
    const started = importOnce(path.join(bundleOf('simulation').directory, 'index.mjs'), {});
    await expect(started).rejects.toThrow(/ at .*\bshared\/settings\.ts:\d+:\d+/);
    await expect(started).rejects.toThrow(/ at functions\/simulation\/handler\.ts:\d+:\d+/);
  });
});

describe('the certificate authorities of RDS', () => {
  it('a region has at most three certificate authorities', () => {
    const byRegion = rdsCertificates();
    expect(byRegion.size).toBeGreaterThan(25);
    for (const region of ['eu-central-1', 'us-east-1', 'ap-southeast-2'])
      expect(byRegion.get(region)).toHaveLength(3);
    for (const pems of byRegion.values()) expect(pems.length).toBeLessThanOrEqual(3);
  });
});
