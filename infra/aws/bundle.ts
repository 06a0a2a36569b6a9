/** Makes of each function what Lambda runs: minified ES modules, their source maps, and the files it reads. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { functionFiles } from '../environment.ts';
import { buildDocs } from '../openapi/build.ts';
import type { Capability, FunctionDefinition } from '../system.ts';
import { lightDependencies, replacements } from './bundle/light-dependencies.ts';
import { writeRdsCertificates } from './rds-certificates.ts';

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
  /** Of the minified modules, without source maps and static files. */
  readonly bytes: number;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCHEMA = path.join(ROOT, 'data/schema');
const MAPPED_STACKS = path.join(ROOT, 'infra/aws/mapped-stacks.ts');

/** Of modules: Lambda is told `index.handler` and takes `index.mjs`. */
const EXTENSION = '.mjs';

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
  const bundles = Object.entries(functions).map(async ([name, definition]) => {
    const directory = path.join(outDirectory, name);
    const metafile = await bundleModules(definition, directory);
    await addFiles(directory, definition, buildPage);
    return [name, { directory, bytes: bytesOf(metafile) }] as const;
  });
  return new Map(await Promise.all(bundles));
}

async function bundleModules({ entry }: BundledFunction, directory: string): Promise<Metafile> {
  const { metafile } = await build({
    ...lambdaBuild,
    // What is imported when it is first needed has a file of its own. In one file it would be read at each start, and esbuild
    // would put a function around every module that it shares with others, so that V8 parses these twice.
    splitting: true,
    inject: [MAPPED_STACKS],
    entryPoints: [{ in: path.join(ROOT, entry), out: 'index' }],
    outdir: directory,
    outExtension: { '.js': EXTENSION },
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

function bytesOf({ outputs }: Metafile): number {
  const modules = Object.entries(outputs).filter(([file]) => file.endsWith(EXTENSION));
  return modules.reduce((sum, [, { bytes }]) => sum + bytes, 0);
}
