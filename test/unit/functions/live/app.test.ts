import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveApp } from '../../../../functions/live/app.ts';
import type { StartPosition } from '../../../../functions/live/cursor.ts';
import { loadPageFiles } from '../../../../functions/live/page.ts';
import { apiEvent, type RequestParts } from '../../../support/api-events.ts';

let directory = '';
const opened: { start: StartPosition; lifetimeMs: number }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'page-'));
  await mkdir(path.join(directory, 'assets'));
  await writeFile(path.join(directory, 'index.html'), '<!doctype html><title>é</title>');
  await writeFile(path.join(directory, 'assets', 'main-ABC.js'), 'let a;');
  await writeFile(path.join(directory, 'secret.js'), 'secret');
});
afterAll(() => rm(directory, { recursive: true }));

function send(request: string, parts: RequestParts = {}, remainingMs = 900_000) {
  const app = createLiveApp({
    viewers: {
      open: (start, lifetimeMs) => {
        opened.push({ start, lifetimeMs });
        return Readable.from(['x']);
      },
    },
    pageFiles: () => loadPageFiles(directory),
    lifetimeMs: 120_000,
  });
  return app(apiEvent(request, parts), remainingMs);
}

describe('the stream', () => {
  test('the stream is an event stream that no proxy may cache or buffer', async () => {
    const { statusCode, headers, body } = await send('GET /stream/events?since=7');
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    expect(body).toBeInstanceOf(Readable);
    expect(opened.at(-1)).toEqual({ start: { kind: 'id', id: 7 }, lifetimeMs: 120_000 });
  });

  test('the stream ends before Lambda ends its invocation', async () => {
    await send('GET /stream/events', {}, 60_000);
    expect(opened.at(-1)?.lifetimeMs).toBe(55_000);
  });

  test('HEAD of the stream returns its headers without opening it', async () => {
    const before = opened.length;
    const { statusCode, headers, body } = await send('HEAD /stream/events');
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: '' });
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(opened).toHaveLength(before);
  });

  test('the stream is not opened for a since that is not an integer', async () => {
    const before = opened.length;
    await expect(send('GET /stream/events?since=x')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(opened).toHaveLength(before);
  });
});

describe('the page', () => {
  test('the page may load and run only its own files', async () => {
    const { statusCode, headers, body } = await send('GET /stream/live');
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: '<!doctype html><title>é</title>' });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  test('the page is sent again only if it has changed', async () => {
    const { headers } = await send('GET /stream/live');
    const again = await send('GET /stream/live', { headers: { 'if-none-match': `"x", W/${headers.etag}` } });
    expect(again).toMatchObject({ statusCode: 304, body: '', headers: { etag: headers.etag } });
    const other = await send('GET /stream/live', { headers: { 'if-none-match': '"other"' } });
    expect(other.statusCode).toBe(200);
  });

  test('the files of the page are cached permanently by browsers', async () => {
    expect(await send('GET /stream/assets/main-ABC.js')).toMatchObject({
      statusCode: 200,
      body: 'let a;',
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      },
    });
  });

  test('HEAD of the page and its files is 200', async () => {
    expect(await send('HEAD /stream/live')).toMatchObject({ statusCode: 200 });
    expect(await send('HEAD /stream/assets/main-ABC.js')).toMatchObject({ statusCode: 200 });
  });
});

describe('a path', () => {
  test.each([
    ['/stream/live', 'GET, HEAD, OPTIONS'],
    ['/stream/events', 'GET, HEAD, OPTIONS'],
  ])('OPTIONS %s lists the allowed methods', async (path, allow) => {
    expect(await send(`OPTIONS ${path}`)).toEqual({ statusCode: 204, headers: { allow }, body: '' });
  });

  test.each([
    ['/stream/live/', '/stream/live'],
    ['/stream/events/?since=7', '/stream/events?since=7'],
  ])('%s redirects to %s', async (path, location) => {
    expect(await send(`GET ${path}`)).toEqual({ statusCode: 307, headers: { location }, body: '' });
  });
});

describe('requests that are not served', () => {
  test.each([
    'GET /stream/',
    'GET /stream/live//',
    'GET /stream/assets/',
    'GET /stream/assets/other.js',
    'GET /stream/assets/../secret.js',
    'GET /stream/assets/..%2fsecret.js',
    'GET /stream/assets/main-ABC.js/',
    'POST /stream/other',
  ])('%s is not_found', async (request) => {
    await expect(send(request)).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([
    ['POST /stream/live', 'GET, HEAD, OPTIONS'],
    ['DELETE /stream/events', 'GET, HEAD, OPTIONS'],
    ['PUT /stream/assets/main-ABC.js', 'GET, HEAD, OPTIONS'],
  ])('%s is method_not_allowed, and Allow lists %s', async (request, allow) => {
    await expect(send(request)).rejects.toMatchObject({ code: 'method_not_allowed', headers: { allow } });
  });

  test('loading a directory without a page fails and names the setting', async () => {
    await expect(loadPageFiles(path.join(directory, 'assets'))).rejects.toThrow(/PAGE_DIRECTORY/);
  });
});
