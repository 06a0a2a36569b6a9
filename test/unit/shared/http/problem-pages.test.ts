import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { HttpProblem } from '../../../../shared/api/errors.ts';
import { readLivePage } from '../../../../shared/api/live.ts';
import { route } from '../../../../shared/api/route.ts';
import { readDocs } from '../../../../shared/api/system.ts';
import { implement } from '../../../../shared/http/api-handler.ts';
import { apiEvent, apiHandler, recordingLog } from '../../../support/api-events.ts';
import { documentChecker } from '../../../support/documented.ts';

/** As Firefox and Chromium send it when a person opens an address. */
const NAVIGATION = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const page = route({
  method: 'GET',
  path: '/page',
  tag: 'live',
  operationId: 'readPage',
  summary: 'A page',
  access: 'public',
  page: true,
  response: z.never(),
  file: { contentTypes: ['text/html; charset=utf-8'], description: 'The page.' },
  errors: ['not_found'],
});
const data = route({ ...page, path: '/data', operationId: 'readData', page: undefined });

function send(request: string, accept?: string, failure: () => never = notFound, routed = true) {
  const handler = apiHandler({
    routes: [implement(page, failure), implement(data, failure)],
    log: recordingLog().log,
  });
  return handler(
    apiEvent(request, { routed, headers: { traceparent, ...(accept === undefined ? {} : { accept }) } }),
  );
}

function notFound(): never {
  throw new HttpProblem('not_found', 'No <b>page</b> & "nothing" here.');
}

describe('an error of a page', () => {
  test('a browser gets a page with title, detail, status and trace id', async () => {
    const { statusCode, headers, body } = await send('GET /page', NAVIGATION);
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(body).toContain('<h1>No such path or resource</h1>');
    expect(body).toContain('Status 404');
    expect(body).toContain('0af7651916cd43dd8448eb211c80319c');
    // Relative, because a proxy may serve everything under a path of its own.
    const links = [...body.matchAll(/href="([^"]+)"/g)].map(
      ([, link]) => new URL(link ?? '', 'http://x/shop/page').pathname,
    );
    expect(links).toEqual([`/shop${readLivePage.path}`, `/shop${readDocs.path}`]);
  });

  test('markup in a detail is shown as text', async () => {
    const { body } = await send('GET /page', NAVIGATION);
    expect(body).toContain('No &lt;b&gt;page&lt;/b&gt; &amp; &quot;nothing&quot; here.');
    expect(body).not.toContain('<b>');
  });

  test('an error page loads and runs nothing, and its only style is the one that its policy names', async () => {
    const { headers, body } = await send('GET /page', NAVIGATION);
    const policy = headers['content-security-policy'] ?? '';
    const style = body.match(/<style>(.*?)<\/style>/)?.[1] ?? '';
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  test('caches keep pages and documents apart', async () => {
    for (const accept of [NAVIGATION, 'application/json']) {
      expect((await send('GET /page', accept)).headers.vary).toBe('accept');
    }
  });

  test.each([
    undefined,
    '*/*',
    'application/json',
    'application/problem+json',
    'application/json, text/plain, */*',
    'text/html;q=0.5, application/problem+json',
    'text/html;q=0',
    'text/html, application/problem+json',
  ])('a client that accepts %s gets a problem document', async (accept) => {
    const { headers, body } = await send('GET /page', accept);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'not_found' });
  });

  test('the headers of an error are on its page too', async () => {
    const unavailable = (): never => {
      throw Object.assign(new Error(), { code: 'ECONNREFUSED' });
    };
    const { statusCode, headers } = await send('GET /page', NAVIGATION, unavailable);
    expect(statusCode).toBe(503);
    expect(headers).toMatchObject({ 'retry-after': '2', traceparent });
  });

  test('HEAD has the headers of the page without its body', async () => {
    const { headers, body } = await send('HEAD /page', NAVIGATION);
    expect({ type: headers['content-type'], body }).toEqual({ type: 'text/html; charset=utf-8', body: '' });
  });
});

test('a person who opens an unknown address gets a page', async () => {
  const { statusCode, headers } = await send('GET /nowhere', NAVIGATION, notFound, false);
  expect(statusCode).toBe(404);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
});

test('an operation that is no page answers errors to browsers as problem documents', async () => {
  const { headers } = await send('GET /data', NAVIGATION);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(headers.vary).toBeUndefined();
});

test('the OpenAPI document names the error pages of every page, and of nothing else', async () => {
  const { document } = await documentChecker();
  const withPages = Object.entries(document.paths).flatMap(([path, item]) => {
    const responses = Object.values(item?.get?.responses ?? {});
    const types = responses.flatMap((response) => {
      const resolved =
        '$ref' in response ? document.components.responses[response.$ref.split('/').at(-1) ?? ''] : undefined;
      return Object.keys(resolved?.content ?? {});
    });
    return types.includes('text/html; charset=utf-8') ? [path] : [];
  });
  expect(withPages).toEqual(['/docs', '/docs/{file}', '/stream/live', '/stream/assets/{file}']);
});
