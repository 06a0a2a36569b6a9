import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeRow, openRowSpool } from '../../../../functions/etl/replace-dataset.ts';
import { hashDataset } from '../../../../shared/dataset/check-dataset.ts';
import {
  dataset,
  encodeSettings,
  etlEventSchema,
  openDataset,
} from '../../../../shared/dataset/open-dataset.ts';
import { datasetLines } from '../../../support/datasets.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the event', () => {
  test('an event may name a file', () => {
    expect(etlEventSchema.parse({ file: 'data/raw/x.csv' })).toEqual({
      kind: 'file',
      path: 'data/raw/x.csv',
    });
  });

  test('an S3 event names its object by the unencoded key', () => {
    const event = objectCreated('uploads', 'two words/café+1%.csv');
    expect(etlEventSchema.parse(event)).toEqual({
      kind: 's3',
      bucket: 'uploads',
      key: 'two words/café+1%.csv',
    });
  });

  test.each([
    {},
    { file: '' },
    { 'detail-type': 'Object Deleted' },
    { detail: {} },
    { Records: [] },
    'x.csv',
    null,
  ])('the event %j is rejected', (event) => {
    expect(etlEventSchema.safeParse(event).success).toBe(false);
  });
});

describe('a data set in S3', () => {
  test('a data set in S3 can be read repeatedly, and a missing one is named by its URI', async () => {
    const settings = { profile: 'superstore' as const, round: true };
    const server = createServer((request, response) => {
      const headers = { 'x-amz-meta-data-set-settings': encodeSettings(settings) };
      response
        .writeHead(request.url?.startsWith('/uploads/two%20words.csv') ? 200 : 404, headers)
        .end('a,b\n');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');

    const found = openDataset({ kind: 's3', bucket: 'uploads', key: 'two words.csv' });
    expect(found).toMatchObject({ name: 's3://uploads/two words.csv', fileName: 'two words.csv' });
    expect(await found.settings()).toEqual(settings);
    const local = dataset(
      'local.csv',
      async () => Readable.from([Buffer.from('a,b\n')]),
      async () => settings,
    );
    const expected = await hashDataset(local);
    expect([await hashDataset(found), await hashDataset(found)]).toEqual([expected, expected]);
    const missing = openDataset({ kind: 's3', bucket: 'uploads', key: 'none.csv' });
    await expect(hashDataset(missing)).rejects.toThrow("s3://uploads/none.csv can't be read");
    server.close();
  });
});

describe('the spool', () => {
  test('the spool returns rows as lines for LOAD DATA, with backslashes doubled', async () => {
    const row = (datasetLines(1)[1] ?? '').split(',').with(3, 'a\\N');
    const spool = await openRowSpool();
    await spool.write([row, row]);
    await spool.write([row]);
    const text = (await spool.read().toArray()).join('');
    await spool.close();
    expect(text).toBe(encodeRow(row).repeat(3));
    expect(encodeRow(row)).toContain('\ta\\\\N\t');
  });

  test('a spool that was cleared returns what was written afterwards', async () => {
    const row = (datasetLines(1)[1] ?? '').split(',');
    const withNull = row.map((value, index) => (index === 3 ? null : value));
    const spool = await openRowSpool();
    await spool.write([row, row]);
    await spool.clear();
    await spool.write([withNull]);
    const text = (await spool.read().toArray()).join('');
    await spool.close();
    expect(text).toBe(encodeRow(withNull));
    expect(text).toContain('\t\\N\t');
  });
});

function objectCreated(bucket: string, key: string) {
  const detail = { bucket: { name: bucket }, object: { key, size: 1 } };
  return { source: 'aws.s3', 'detail-type': 'Object Created', detail };
}
