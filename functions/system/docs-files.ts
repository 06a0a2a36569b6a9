import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { HttpProblem } from '../../shared/api/errors.ts';
import type { DocsType } from '../../shared/api/system.ts';
import { contentTypes, docsPageHeaders } from '../../shared/http/file-headers.ts';
import { FileAnswer } from '../../shared/http/responses.ts';

/** The folder of the built documentation. */
export const docsSettings = z.object({ DOCS_DIRECTORY: z.string().min(1).default('docs') });

const CONTENT_TYPES: Readonly<Record<string, DocsType>> = {
  '.json': contentTypes['.json'],
  '.html': contentTypes['.html'],
  '.js': contentTypes['.js'],
  '.css': contentTypes['.css'],
  '.png': contentTypes['.png'],
};

/** Returns a built file by its name. @throws HttpProblem `not_found`. */
export type DocsReader = (name: string) => Promise<FileAnswer>;

/**
 * Reads the documentation's files into memory on first use; only those can be requested, so no path can leave the folder.
 */
export function docsReader(directory: string): DocsReader {
  let files: Promise<Map<string, FileAnswer>> | undefined;
  return async (name) => {
    files ??= readFiles(directory);
    const file = (await files).get(name);
    if (file) return file;
    throw new HttpProblem('not_found', 'The documentation has no such file. Its page is at /docs.');
  };
}

async function readFiles(directory: string): Promise<Map<string, FileAnswer>> {
  const names = (await readdir(directory)).flatMap((name) => {
    const contentType = CONTENT_TYPES[path.extname(name)];
    return contentType ? [{ name, contentType }] : [];
  });
  const files = names.map(async ({ name, contentType }) => {
    const bytes = await readFile(path.join(directory, name));
    const headers = name.endsWith('.html') ? docsPageHeaders : {};
    return [name, new FileAnswer(bytes, contentType, headers)] as const;
  });
  return new Map(await Promise.all(files));
}
