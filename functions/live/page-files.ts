import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One built file as it is sent. */
export interface PageFile {
  readonly body: string;
  readonly contentType: string;
  /** Strong validator of its content, quoted as HTTP writes it. */
  readonly etag: string;
}

/** The built page, held in memory: only what was there at the start can ever be asked for. */
export interface PageFiles {
  readonly document: PageFile;
  /** By file name; the name contains the hash of the content. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads what `buildPage` wrote: `index.html` and `assets/`.
 *
 * @throws Error if the directory does not hold a built page.
 */
export async function loadPageFiles(directory: string): Promise<PageFiles> {
  try {
    const names = await readdir(path.join(directory, 'assets'));
    const files = names.map(
      async (name) => [name, await load(path.join(directory, 'assets', name))] as const,
    );
    return {
      document: await load(path.join(directory, 'index.html')),
      assets: new Map(await Promise.all(files)),
    };
  } catch (cause) {
    throw new Error(`PAGE_DIRECTORY does not hold the built page; build it with buildPage.`, { cause });
  }
}

async function load(file: string): Promise<PageFile> {
  const body = await readFile(file, 'utf8');
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const contentType = CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream';
  return { body, contentType, etag: `"${hash}"` };
}
