import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { assetHeaders, contentTypes, pageHeaders } from '../../shared/http/response-headers.ts';

/** One built file as it is sent. */
export interface PageFile {
  readonly body: string;
  readonly contentType: string;
  /** Strong validator of its content, quoted as HTTP writes it. */
  readonly etag: string;
}

/** The built page, held in memory: only files that existed at the start can be requested. */
export interface PageFiles {
  readonly document: PageFile;
  /** By file name; the name contains the hash of the content. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = contentTypes;

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

/** A response whose body is text. */
export interface TextResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The page itself: browsers revalidate it on every load. */
export function documentResponse(file: PageFile, ifNoneMatch: string | undefined): TextResponse {
  return fileResponse(file, ifNoneMatch, pageHeaders);
}

/** A file of the page: its name changes with its content, so browsers cache it permanently. */
export function assetResponse(file: PageFile, ifNoneMatch: string | undefined): TextResponse {
  return fileResponse(file, ifNoneMatch, assetHeaders);
}

function fileResponse(
  file: PageFile,
  ifNoneMatch: string | undefined,
  headers: Readonly<Record<string, string>>,
): TextResponse {
  const common = { ...headers, etag: file.etag, 'x-content-type-options': 'nosniff' };
  if (matches(ifNoneMatch, file.etag)) return { statusCode: 304, headers: common, body: '' };
  return { statusCode: 200, headers: { ...common, 'content-type': file.contentType }, body: file.body };
}

/** Weak comparison, as RFC 9110, section 13.1.2 requires: a proxy that compresses makes validators weak. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const candidates = (ifNoneMatch ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return candidates.includes(etag) || candidates.includes('*');
}
