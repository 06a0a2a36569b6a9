/** Makes of each function what Lambda runs: one minified ES module, its source map, and the files it reads. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { lightDependencies, replacements } from './bundle/light-dependencies.ts';
import { writeRdsCertificates } from './bundle/rds-certificates.ts';
import { functionFiles } from './environment.ts';
import { buildDocs } from './openapi/build.ts';
import type { Capability, FunctionDefinition } from './system.ts';

/** What the bundling needs to know of a function. */
export type BundledFunction = Pick<FunctionDefinition, 'entry' | 'uses' | 'invocation'>;

export interface BundleOptions {
  /** Emptied first; holds one folder a function afterwards, the function's code as Lambda unpacks it. */
  readonly outDirectory: string;
  /** Builds the live page into a directory. */
  readonly buildPage: (directory: string) => Promise<unknown>;
}

export interface Bundle {
  /** The folder that is deployed. */
  readonly directory: string;
  /** Of the minified module, without source map and static files. */
  readonly bytes: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCHEMA = path.join(ROOT, 'data/schema');

/** The name Lambda is told: `index.handler`. */
const MODULE = 'index.mjs';

/** kafkajs and mysql2 are CommonJS: what they require of Node needs a `require` in the module around them. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/** How a module is made fit for Lambda. */
export const lambdaBuild = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The SDK's ES modules: of CommonJS nothing can be left out.
  mainFields: ['module', 'main'],
  alias: replacements,
  plugins: [lightDependencies],
  banner: { js: REQUIRE },
  sourcemap: 'linked',
  // Names and lines suffice to read a stack; with the sources the maps would be the greater part of a deployment.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'silent',
} satisfies BuildOptions;

/**
 * Bundles functions. The result depends on the sources alone, so that an unchanged function is not deployed again.
 *
 * @throws BuildFailure of esbuild, which names file and line.
 */
export async function bundleFunctions(
  functions: Readonly<Record<string, BundledFunction>>,
  { outDirectory, buildPage }: BundleOptions,
): Promise<Map<string, Bundle>> {
  await rm(outDirectory, { recursive: true, force: true });
  const metafile = await bundleModules(functions, outDirectory);
  const bundles = Object.entries(functions).map(async ([name, definition]) => {
    const directory = path.join(outDirectory, name);
    await addFiles(directory, definition, buildPage);
    return [name, { directory, bytes: bytesOf(metafile, directory) }] as const;
  });
  return new Map(await Promise.all(bundles));
}

async function bundleModules(
  functions: Readonly<Record<string, BundledFunction>>,
  outDirectory: string,
): Promise<Metafile> {
  const entryPoints = Object.entries(functions).map(([name, { entry }]) => {
    return { in: path.join(ROOT, entry), out: `${name}/index` };
  });
  const { metafile } = await build({
    ...lambdaBuild,
    entryPoints,
    outdir: outDirectory,
    outExtension: { '.js': path.extname(MODULE) },
    metafile: true,
  });
  return metafile;
}

/** Adds the files that a function reads, into the folders that its environment names. */
async function addFiles(
  directory: string,
  { uses, invocation }: BundledFunction,
  buildPage: BundleOptions['buildPage'],
): Promise<void> {
  const has = (capability: Capability) => uses.includes(capability);
  if (has('mysql')) await writeRdsCertificates(path.join(directory, functionFiles.certificates));
  if (has('dataset')) await cp(SCHEMA, path.join(directory, functionFiles.schema), { recursive: true });
  if (has('docs')) await buildDocs(path.join(directory, functionFiles.docs));
  if (invocation === 'stream') {
    await mkdir(path.join(directory, functionFiles.page), { recursive: true });
    await buildPage(path.join(directory, functionFiles.page));
  }
}

function bytesOf(metafile: Metafile, directory: string): number {
  const file = path.relative(ROOT, path.join(directory, MODULE)).replaceAll(path.sep, '/');
  const output = metafile.outputs[file];
  if (!output)
    throw new Error(`esbuild wrote no ${file}; it wrote ${Object.keys(metafile.outputs).join(', ')}.`);
  return output.bytes;
}
