import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { operations } from '../shared/api/operations.ts';

const SOURCE = fileURLToPath(new URL('./', import.meta.url));
const ENTRIES = ['main.tsx', 'styles.css', 'icon.svg'] as const;

/**
 * Builds the page into a directory: `index.html`, `assets/` with the hash of each file's content in its name, and
 * `manifest.json`, which maps each source to its built name. Dynamic imports become files of their own. Files of an
 * earlier build are removed. The build is reproducible.
 */
export async function buildPage(outDirectory: string): Promise<void> {
  const assets = path.join(outDirectory, 'assets');
  await mkdir(assets, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: SOURCE,
    entryPoints: [...ENTRIES],
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: ['es2024'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    metafile: true,
    logLevel: 'warning',
  });
  const manifest = manifestOf(metafile);
  await writeFile(
    path.join(outDirectory, 'index.html'),
    await documentWith(manifest, chunksOf(metafile, 'main.tsx')),
  );
  await writeFile(path.join(outDirectory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await removeOthers(assets, new Set(Object.keys(metafile.outputs).map((file) => path.basename(file))));
}

/** Built file names by the name of their source. */
type Manifest = Readonly<Record<string, string>>;

function manifestOf({ outputs }: Metafile): Manifest {
  const names = Object.entries(outputs).map(([file, { entryPoint, inputs }]) => [
    entryPoint ?? Object.keys(inputs)[0],
    path.basename(file),
  ]);
  return Object.fromEntries(names);
}

/** The built names of the chunks that an entry imports statically, directly or not. */
function chunksOf({ outputs }: Metafile, entry: string): string[] {
  const reached = Object.keys(outputs).filter((file) => outputs[file]?.entryPoint === entry);
  const chunks = new Set<string>();
  // Grows while it is walked.
  for (const file of reached) {
    for (const { path: imported, kind } of outputs[file]?.imports ?? []) {
      if (kind !== 'import-statement' || chunks.has(imported)) continue;
      chunks.add(imported);
      reached.push(imported);
    }
  }
  return [...chunks].map((file) => path.basename(file));
}

/**
 * @param chunks Built names of what the page's script imports: the document names them too, so that the browser
 *   requests them along with the script instead of after it.
 * @throws Error if the document names a file that was not built.
 */
async function documentWith(manifest: Manifest, chunks: readonly string[]): Promise<string> {
  const template = await readFile(path.join(SOURCE, 'index.html'), 'utf8');
  const preloads = chunks.map((chunk) => `  <link rel="modulepreload" href="${addressOf(chunk)}">\n`);
  return template
    .replace('</head>', `${preloads.join('')}</head>`)
    .replace(/{{(.+?)}}/g, (_, source: string) => {
      const built = manifest[source];
      if (built === undefined) throw new Error(`index.html names ${source}, which is no entry of the build.`);
      return addressOf(built);
    });
}

/** Relative to the page's address, because a proxy may serve everything under a path of its own. */
function addressOf(built: string): string {
  const folder = path.posix.dirname(operations.readLivePage.path);
  return path.posix.relative(folder, operations.readLiveAsset.path.replace('{file}', built));
}

async function removeOthers(directory: string, keep: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(directory)).filter((name) => !keep.has(name));
  await Promise.all(others.map((name) => rm(path.join(directory, name), { force: true })));
}
