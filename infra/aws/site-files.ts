import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { readLiveAsset, readLivePage } from '../../shared/api/live.ts';
import { readDocs, readDocsFile, readOpenApi } from '../../shared/api/system.ts';
import { assetHeaders, contentTypes, pageHeaders, revalidated } from '../../shared/http/file-headers.ts';

/** A file of the page or the documentation as an object of the site's bucket. */
export interface SiteFile {
  /** The path in a URL, without its leading slash. */
  readonly key: string;
  readonly file: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface SiteFolders {
  /** The built page: `index.html` and `assets/`. */
  readonly page: string;
  /** The built documentation. */
  readonly docs: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = contentTypes;

/** Lists the site's files, those that others refer to first: a page is only uploaded after the files that it loads. */
export async function siteFiles({ page, docs }: SiteFolders): Promise<SiteFile[]> {
  const assets = (await readdir(path.join(page, 'assets'))).map((name) =>
    siteFile(readLiveAsset.path.replace('{file}', name), path.join(page, 'assets', name), assetHeaders),
  );
  const documents = (await readdir(docs)).map((name) => siteFile(pathOfDocs(name), path.join(docs, name)));
  const index = siteFile(readLivePage.path, path.join(page, 'index.html'), pageHeaders);
  const isPage = ({ contentType }: SiteFile) => contentType === contentTypes['.html'];
  const files = [...assets, ...documents, index];
  return [...files.filter((file) => !isPage(file)), ...files.filter(isPage)];
}

function siteFile(url: string, file: string, headers = { 'cache-control': revalidated }): SiteFile {
  const contentType = CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream';
  return { key: url.slice(1), file, contentType, cacheControl: headers['cache-control'] };
}

function pathOfDocs(name: string): string {
  if (name === 'index.html') return readDocs.path;
  if (name === 'openapi.json') return readOpenApi.path;
  return readDocsFile.path.replace('{file}', name);
}

/** Uploads the files in their order. Nothing is removed: open pages may still load a chunk of an earlier deployment. */
export async function uploadSite(
  s3: S3Client,
  bucket: string,
  files: readonly SiteFile[],
  account?: string,
): Promise<void> {
  for (const { key, file, contentType, cacheControl } of files) {
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: await readFile(file),
      ContentType: contentType,
      CacheControl: cacheControl,
      ...(account ? { ExpectedBucketOwner: account } : {}),
    });
    await s3.send(command);
  }
}
