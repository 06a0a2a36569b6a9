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
  await writeFile(path.join(outDirectory, 'index.html'), await documentWith(manifest));
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

/** @throws Error if the document names a file that was not built. */
async function documentWith(manifest: Manifest): Promise<string> {
  const template = await readFile(path.join(SOURCE, 'index.html'), 'utf8');
  return template.replace(/{{(.+?)}}/g, (_, source: string) => {
    const built = manifest[source];
    if (built === undefined) throw new Error(`index.html names ${source}, which is no entry of the build.`);
    // Relative to the page's address, because a proxy may serve everything under a path of its own.
    const folder = path.posix.dirname(operations.readLivePage.path);
    return path.posix.relative(folder, operations.readLiveAsset.path.replace('{file}', built));
  });
}

async function removeOthers(directory: string, keep: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(directory)).filter((name) => !keep.has(name));
  await Promise.all(others.map((name) => rm(path.join(directory, name), { force: true })));
}
