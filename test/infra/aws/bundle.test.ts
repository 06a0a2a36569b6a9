import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusingModule } from '../../../infra/aws/bundle/left-out.ts';
import {
  importZodAsNamespace,
  lazyErrorTable,
  withoutWebAssembly,
} from '../../../infra/aws/bundle/light-dependencies.ts';
import { type Bundle, bundleFunctions, lambdaBuild } from '../../../infra/aws/bundle.ts';
import { rdsCertificates } from '../../../infra/aws/rds-certificates.ts';
import { functions } from '../../../infra/system.ts';
import { importOnce, importTime } from './import-time.ts';
import { lambdaEnvironments } from './lambda-environment.ts';

const names = Object.keys(functions) as (keyof typeof functions)[];
const MEGABYTE = 1_000_000;
/** Not among what the package exports. */
const MYSQL2 = path.resolve('node_modules/mysql2/lib');

interface LongClass {
  fromString(text: string): Record<'div' | 'mul', (other: string) => { toString(): string }>;
}

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

describe.each(names)('the bundle of %s', (name) => {
  it('is less than 1 MB', () => {
    expect(bundleOf(name).bytes).toBeLessThan(MEGABYTE);
  });

  it('starts with the environment that its template gives it', async () => {
    const started = await importOnce(path.join(bundleOf(name).directory, 'index.mjs'), environmentOf(name));
    expect(started.handler).toBe('function');
  });

  it('has modules that can be imported when they are first needed, each with a source map', async () => {
    const { directory } = bundleOf(name);
    const modules = readdirSync(directory).filter((file) => file.endsWith('.mjs'));
    const environment = environmentOf(name);
    await Promise.all(modules.map((module) => importOnce(path.join(directory, module), environment)));
    for (const module of modules)
      expect(existsSync(path.join(directory, `${module}.map`)), module).toBe(true);
  });

  it('has the files that its environment names', () => {
    const { MYSQL_CA_FILE, SCHEMA_DIRECTORY, PAGE_DIRECTORY, DOCS_DIRECTORY } = environmentOf(name);
    for (const file of [MYSQL_CA_FILE, SCHEMA_DIRECTORY, PAGE_DIRECTORY, DOCS_DIRECTORY]) {
      if (file !== undefined) expect(existsSync(file), file).toBe(true);
    }
  });
});

describe('the bundles', () => {
  it('carry the page with what streams, the schema with what loads data, and the API’s documentation', () => {
    const docs = readdirSync(path.join(bundleOf('system').directory, 'docs'));
    expect(docs).toEqual(expect.arrayContaining(['index.html', 'openapi.json', 'swagger-ui-bundle.js']));
    expect(readdirSync(path.join(bundleOf('live').directory, 'page'))).toEqual(['index.html']);
    expect(readdirSync(path.join(bundleOf('etl').directory, 'schema'))).toEqual(readdirSync('data/schema'));
  });

  it('start with far less work than their sources', async () => {
    const environment = environmentOf('system');
    const [bundled, sources] = await Promise.all([
      importTime(path.join(bundleOf('system').directory, 'index.mjs'), environment, 4),
      importTime(functions.system.entry, environment, 1),
    ]);
    expect(bundled).toBeLessThan(sources / 2);
  });

  it('refuse to start without a setting, naming it', async () => {
    const { TABLE_NAME: _, ...without } = environmentOf('simulation');
    const started = importOnce(path.join(bundleOf('simulation').directory, 'index.mjs'), without);
    await expect(started).rejects.toThrow(/TABLE_NAME/);
  });

  it('name the lines of the sources in the stack of an error', async () => {
    const started = importOnce(path.join(bundleOf('simulation').directory, 'index.mjs'), {});
    await expect(started).rejects.toThrow(/ at .*\bshared\/settings\/settings\.ts:\d+:\d+/);
    await expect(started).rejects.toThrow(/ at functions\/simulation\/handler\.ts:\d+:\d+/);
  });
});

describe('what makes bundles light', () => {
  const require = createRequire(import.meta.url);

  it('leaves mysql2 the same table of errors, as text', () => {
    const original = require(path.join(MYSQL2, 'constants/errors.js')) as Record<string, string | number>;
    const source = lazyErrorTable(original);
    const module: { exports: Record<string, unknown> } = { exports: {} };
    new Function('module', source)(module);
    expect(Object.keys(original).length).toBeGreaterThan(1_000);
    for (const [key, value] of Object.entries(original)) expect(module.exports[key], key).toBe(value);
    expect(module.exports.NO_SUCH_ERROR).toBeUndefined();
    expect(source.length).toBeLessThan(JSON.stringify(original).length * 0.6);
  });

  it('computes with 64 bits as before, without WebAssembly', () => {
    const file = path.resolve('node_modules/long/umd/index.js');
    const source = withoutWebAssembly(readFileSync(file, 'utf8'));
    const module = { exports: {} };
    new Function('module', 'exports', source)(module, module.exports);
    const Light = module.exports as LongClass;
    const [a, b] = ['-9223372036854775807', '4294967297'];
    expect(source).not.toContain('WebAssembly.Module');
    expect(Light.fromString(a).div(b).toString()).toBe(String(BigInt(a) / BigInt(b)));
    expect(Light.fromString(b).mul('1234567').toString()).toBe(String(BigInt(b) * 1_234_567n));
    expect(() => withoutWebAssembly('')).toThrow(/no longer/);
  });

  it('tells whoever calls what was left out', () => {
    const module: { exports: unknown } = { exports: {} };
    new Function('module', refusingModule([], 'nobody asks'))(module);
    const refusing = module.exports as { (): void; versions: number[] };
    expect(() => refusing()).toThrow(/Left out of the bundle, for nobody asks/);
    expect(() => refusing.versions).toThrow(/Left out/);
  });

  it('imports zod so that what is not used can be left out', () => {
    expect(importZodAsNamespace("import { z } from 'zod';\nz.string();")).toBe(
      "import * as z from 'zod';\nz.string();",
    );
    expect(importZodAsNamespace("import type { z } from 'zod';")).toBe("import type { z } from 'zod';");
  });

  it('reads and writes every character that MySQL sends as UTF-8, without iconv-lite', async () => {
    const entry = path.join(out, 'text.js');
    const file = path.resolve(out, 'text.mjs');
    await writeFile(
      entry,
      `const { encode, decode } = require('${MYSQL2}/parsers/string.js'); module.exports = { encode, decode };`,
    );
    await build({ ...lambdaBuild, entryPoints: [path.resolve(entry)], outfile: file });
    const { default: parser } = await import(pathToFileURL(file).href);
    const text = 'Zürich – 東京 – 🛒 – \u{10FFFF}';
    expect(parser.decode(parser.encode(text, 'utf8'), 'utf8', 0)).toBe(text);
    expect(parser.encode(text, 'utf8')).toEqual(Buffer.from(text));
    // What the server says itself comes as utf8mb3.
    expect(parser.decode(parser.encode('Zürich – 東京', 'cesu8'), 'cesu8', 0)).toBe('Zürich – 東京');
    expect(() => parser.decode(Buffer.from([0x80]), 'cp1251', 0)).toThrow(/cp1251.*utf8mb4/);
  });
});

describe('the certificate authorities of RDS', () => {
  it('are three for every region, and none that has expired', () => {
    const byRegion = rdsCertificates();
    expect(byRegion.size).toBeGreaterThan(25);
    for (const region of ['eu-central-1', 'us-east-1', 'ap-southeast-2'])
      expect(byRegion.get(region)).toHaveLength(3);
    for (const pems of byRegion.values()) expect(pems.length).toBeLessThanOrEqual(3);
  });
});
