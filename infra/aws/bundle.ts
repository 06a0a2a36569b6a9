/** Builds what Lambda runs for each function: minified ES modules, their source maps, and the files the function reads. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { buildDocs } from '../../shared/api/openapi/build.ts';
import { bundledFolders, type Capability } from '../capabilities.ts';
import type { FunctionDefinition } from '../system-description.ts';
import { writeRdsCertificates } from './rds-certificates.ts';

/** The part of a function's definition that bundling depends on. */
export type BundledFunction = Pick<FunctionDefinition, 'entry' | 'uses' | 'invocation'>;

export interface BundleOptions {
  /** Emptied first. Afterwards it contains one folder per function: the function's code as Lambda unpacks it. */
  readonly outDirectory: string;
  /** Builds the live page into a directory. */
  readonly buildPage: (directory: string) => Promise<unknown>;
}

export interface Bundle {
  /** The folder that is deployed. */
  readonly directory: string;
  /** Size of the minified modules, without source maps and static files. */
  readonly bytes: number;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCHEMA = path.join(ROOT, 'data/schema');
const MAPPED_STACKS = path.join(ROOT, 'infra/aws/mapped-stacks.ts');

/** The handler is configured as `index.handler`, for which Lambda also looks in `index.mjs`. */
const EXTENSION = '.mjs';

/** kafkajs and mysql2 are CommonJS: inside an ES module they need a `require` for Node's built-in modules. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/** Plain esbuild without plugins: what is deployed is what our dependencies published. */
const BUILD_OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  // Code behind an `import()` gets a file of its own. In a single file every start would read it, and esbuild would wrap
  // each module it shares with other code in a function, which V8 then parses twice.
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The AWS SDK publishes ES modules too, from which esbuild can drop what is unused.
  mainFields: ['module', 'main'],
  inject: [MAPPED_STACKS],
  banner: { js: REQUIRE },
  outExtension: { '.js': EXTENSION },
  sourcemap: 'linked',
  // A stack trace needs names and lines only; with the sources, maps would be most of a deployment.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
} satisfies BuildOptions;

/**
 * Bundles functions. The same sources always give the same files, so an unchanged function isn't deployed again.
 *
 * @returns A bundle per function, by name.
 * @throws BuildFailure from esbuild, which names file and line.
 */
export async function bundleFunctions(
  functions: Readonly<Record<string, BundledFunction>>,
  { outDirectory, buildPage }: BundleOptions,
): Promise<Map<string, Bundle>> {
  await rm(outDirectory, { recursive: true, force: true });
  const bundles = Object.entries(functions).map(async ([name, definition]) => {
    const directory = path.join(outDirectory, name);
    const metafile = await bundleModules(definition.entry, directory);
    await addFiles(directory, definition, buildPage);
    return [name, { directory, bytes: bytesOf(metafile) }] as const;
  });
  return new Map(await Promise.all(bundles));
}

async function bundleModules(entry: string, directory: string): Promise<Metafile> {
  const { metafile } = await build({
    ...BUILD_OPTIONS,
    entryPoints: [{ in: path.join(ROOT, entry), out: 'index' }],
    outdir: directory,
  });
  return metafile;
}

/** Adds the files a function reads, in the folders its environment points to. */
async function addFiles(
  directory: string,
  { uses, invocation }: BundledFunction,
  buildPage: BundleOptions['buildPage'],
): Promise<void> {
  const has = (capability: Capability) => uses.includes(capability);
  if (has('mysql')) await writeRdsCertificates(path.join(directory, bundledFolders.certificates));
  if (has('dataset')) await cp(SCHEMA, path.join(directory, bundledFolders.schema), { recursive: true });
  if (has('docs')) await buildDocs(path.join(directory, bundledFolders.docs));
  if (invocation === 'stream') {
    await mkdir(path.join(directory, bundledFolders.page), { recursive: true });
    await buildPage(path.join(directory, bundledFolders.page));
  }
}

function bytesOf({ outputs }: Metafile): number {
  const modules = Object.entries(outputs).filter(([file]) => file.endsWith(EXTENSION));
  return modules.reduce((sum, [, { bytes }]) => sum + bytes, 0);
}
