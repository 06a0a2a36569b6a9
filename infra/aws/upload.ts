import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { readLiveAsset, readLivePage } from '../../shared/api/live.ts';
import { readDocs, readDocsFile, readOpenApi } from '../../shared/api/system.ts';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import { assetHeaders, contentTypes, pageHeaders, revalidated } from '../../shared/http/response-headers.ts';
import { putDataset } from '../dataset-upload.ts';
import { chooseDataset } from '../local/dataset.ts';
import { PROJECT } from './system-stack.ts';

export interface UploadOptions {
  /** Where the stage is deployed. The environment may name another region, or a profile another account. */
  readonly to: Pick<Outputs, 'bucket' | 'region' | 'account'>;
  /** The file from the command line; null to choose one as the local start does. */
  readonly asked: string | null;
  /** How the ETL is to read it. */
  readonly settings?: DatasetSettings;
  /** The project's folder. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Uploads a data set, compressed, unless the bucket already contains it. Its arrival starts the ETL. */
export async function uploadDataset({ to, asked, settings = {}, root, say }: UploadOptions): Promise<void> {
  const file = await chooseDataset(asked, {
    raw: path.join(root, 'data/raw'),
    generated: path.join(root, '.local/dataset'),
    generator: path.join(root, 'data/generator'),
  });
  const { bucket, region, account } = to;
  const s3 = new S3Client({ region });
  const { key, isNew } = await putDataset(s3, bucket, file, { account, settings });
  say(
    isNew
      ? `Uploaded ${file} to s3://${bucket}/${key}. The ETL is loading it; its log reports the result.`
      : `The data set is already in the bucket: s3://${bucket}/${key}`,
  );
}

/** Outputs of a deployment's stacks. */
export interface Outputs {
  /** The bucket for data sets. */
  readonly bucket: string;
  /** The bucket for the page's and the documentation's files. */
  readonly siteBucket: string;
  /** `https://…`, without a trailing slash. */
  readonly url: string;
  /** ARN of the secret with the API token. */
  readonly apiTokenSecret: string;
  readonly region: string;
  readonly account: string;
}

const outputsFile = z.record(z.string(), z.unknown());
const dataOutputs = z.object({ BucketName: z.string() });
/** `arn:<partition>:secretsmanager:<region>:<account>:secret:…` */
const ARN = /^arn:[\w-]+:secretsmanager:([\w-]+):(\d{12}):/;
const storageOutputs = z.object({ ApiTokenSecret: z.string().regex(ARN) });
const edgeOutputs = z.object({ Url: z.url(), SiteBucketName: z.string() });

/**
 * Reads what `cdk deploy --outputs-file` wrote.
 *
 * @throws Error if the stage was not deployed from this checkout.
 */
export async function outputsOf(stage: string, file: string): Promise<Outputs> {
  try {
    const stacks = outputsFile.parse(JSON.parse(await readFile(file, 'utf8')));
    const { BucketName: bucket } = dataOutputs.parse(stacks[`${PROJECT}-${stage}-data`]);
    const edge = edgeOutputs.parse(stacks[`${PROJECT}-${stage}-edge`]);
    const { ApiTokenSecret: apiTokenSecret } = storageOutputs.parse(stacks[`${PROJECT}-${stage}-storage`]);
    const [, region = '', account = ''] = ARN.exec(apiTokenSecret) ?? [];
    const { Url: url, SiteBucketName: siteBucket } = edge;
    return { bucket, siteBucket, url, apiTokenSecret, region, account };
  } catch (cause) {
    throw new Error(
      `${file} doesn't contain the outputs of the stage ${stage}: run npm run deploy -- --stage ${stage}.`,
      {
        cause,
      },
    );
  }
}

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
