import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { outputsOf, siteFiles, uploadDataset, uploadSite } from '../../../infra/aws/upload.ts';
import type { DatasetSettings } from '../../../shared/dataset/settings.ts';

let folder: string;
/** Objects by path, as S3 would store them. */
let objects: Map<string, Buffer>;
/** The credential scope of each request, and the account that must own the bucket. */
let requests: { readonly scope: string; readonly owner: string | undefined }[];
/** Lifetime and type of each object. */
let metadata: Map<string, readonly [string | undefined, string | undefined]>;
/** The settings in the metadata of each object, as they were sent. */
let sentSettings: (string | undefined)[];
let s3: Server;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'upload-'));
  objects = new Map();
  requests = [];
  metadata = new Map();
  sentSettings = [];
  s3 = createServer(async (request, response) => {
    const key = new URL(request.url ?? '', 'http://s3').pathname;
    const body = Buffer.concat(await request.toArray());
    requests.push({
      scope: /Credential=[^/]+\/\d+\/([^,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '',
      owner: request.headers['x-amz-expected-bucket-owner']?.toString(),
    });
    if (request.method === 'PUT') {
      objects.set(key, body);
      metadata.set(key, [request.headers['cache-control'], request.headers['content-type']]);
      sentSettings.push(request.headers['x-amz-meta-data-set-settings']?.toString());
    }
    response.writeHead(request.method === 'HEAD' && !objects.has(key) ? 404 : 200).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => s3.once('listening', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(s3.address() as AddressInfo).port}`);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
  // The CDK's command line reads AWS_DEFAULT_REGION, AWS's SDK doesn't.
  vi.stubEnv('AWS_REGION', undefined);
  vi.stubEnv('AWS_DEFAULT_REGION', 'eu-west-1');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  s3.close();
  await rm(folder, { recursive: true, force: true });
});

const DEPLOYED = { bucket: 'bucket', region: 'eu-central-1', account: '111122223333' };

async function upload(text: string, settings: DatasetSettings = {}): Promise<string[]> {
  const file = path.join(folder, 'sales.csv');
  await writeFile(file, text);
  const said: string[] = [];
  await uploadDataset({ to: DEPLOYED, asked: file, settings, root: folder, say: (line) => said.push(line) });
  return said;
}

describe('the data set', () => {
  it('the data set is uploaded compressed, to where its arrival starts the ETL', async () => {
    await upload('a,b\n1,2\n');
    const [[key, body] = ['', Buffer.of()]] = [...objects];
    expect(key).toMatch(/^\/bucket\/data-sets\/sales-[0-9a-f]{12}\.csv\.gz$/);
    expect(gunzipSync(body).toString()).toBe('a,b\n1,2\n');
  });

  it("the data set is uploaded to the deployment's region and account, whatever the environment says", async () => {
    await upload('a,b\n1,2\n');
    expect(requests.length).toBeGreaterThan(0);
    for (const { scope, owner } of requests) {
      expect(scope).toBe('eu-central-1/s3/aws4_request');
      expect(owner).toBe('111122223333');
    }
  });

  it('the settings travel with the file, and the same file with other settings is another data set', async () => {
    await upload('a,b\n1,2\n');
    await upload('a,b\n1,2\n', { profile: 'superstore', dateFormat: 'dmy' });
    expect(objects.size).toBe(2);
    expect(sentSettings[0]).toBeUndefined();
    expect(JSON.parse(Buffer.from(sentSettings[1] ?? '', 'base64').toString())).toEqual({
      profile: 'superstore',
      dateFormat: 'dmy',
    });
  });

  it('a mapping that is too long for the metadata is refused', async () => {
    const settings = { columns: { units: Array.from({ length: 20 }, () => 'x'.repeat(100)) } };
    await expect(upload('a,b\n1,2\n', settings)).rejects.toThrow('The mapping is too long');
  });

  it('the same data set is not uploaded twice, but another one is', async () => {
    await upload('a,b\n1,2\n');
    expect((await upload('a,b\n1,2\n')).join()).toContain('already');
    expect(objects.size).toBe(1);
    await upload('a,b\n3,4\n');
    expect(objects.size).toBe(2);
  });
});

describe('the files of the page and the documentation', () => {
  it('the files are uploaded under their paths, the pages last, and those of earlier deployments stay', async () => {
    const [page, docs] = [path.join(folder, 'page'), path.join(folder, 'docs')];
    await mkdir(path.join(page, 'assets'), { recursive: true });
    await mkdir(docs);
    for (const name of [
      'page/index.html',
      'page/manifest.json',
      'page/assets/main-A1.js',
      'docs/index.html',
    ]) {
      await writeFile(path.join(folder, name), name);
    }
    await writeFile(path.join(docs, 'openapi.json'), '{}');
    await writeFile(path.join(docs, 'page.css'), '');
    objects.set('/site/stream/assets/main-OLD.js', Buffer.of());
    await uploadSite(new S3Client({ region: 'eu-central-1' }), 'site', await siteFiles({ page, docs }));
    expect([...objects.keys()]).toEqual([
      '/site/stream/assets/main-OLD.js',
      '/site/stream/assets/main-A1.js',
      ...['/site/openapi.json', '/site/docs/page.css'].sort(
        (a, b) => [...objects.keys()].indexOf(a) - [...objects.keys()].indexOf(b),
      ),
      '/site/docs',
      '/site/stream/live',
    ]);
    expect(Object.fromEntries(metadata)).toEqual({
      '/site/stream/assets/main-A1.js': [
        'public, max-age=31536000, immutable',
        'text/javascript; charset=utf-8',
      ],
      '/site/openapi.json': ['public, no-cache', 'application/json'],
      '/site/docs/page.css': ['public, no-cache', 'text/css; charset=utf-8'],
      '/site/docs': ['public, no-cache', 'text/html; charset=utf-8'],
      '/site/stream/live': ['no-cache', 'text/html; charset=utf-8'],
    });
  });
});

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ApiToken-x';

describe('the outputs of a deployment', () => {
  it('the outputs of a deployment give address, bucket, secret, region and account', async () => {
    const file = path.join(folder, 'outputs.json');
    await writeFile(
      file,
      JSON.stringify({
        'rtm-dev-data': { BucketName: 'bucket', ExportsOutputX: 'y' },
        'rtm-dev-edge': { Url: 'https://d1.cloudfront.net', SiteBucketName: 'site' },
        'rtm-dev-storage': { ApiTokenSecret: SECRET },
      }),
    );
    await expect(outputsOf('dev', file)).resolves.toEqual({
      bucket: 'bucket',
      siteBucket: 'site',
      url: 'https://d1.cloudfront.net',
      apiTokenSecret: SECRET,
      region: 'eu-central-1',
      account: '111122223333',
    });
    await expect(outputsOf('prod', file)).rejects.toThrow(/npm run deploy -- --stage prod/);
  });
});
