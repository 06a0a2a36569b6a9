import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ErrorCode } from '../../../../shared/api/errors.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES, route } from '../../../../shared/api/route.ts';
import { implement } from '../../../../shared/http/api-handler.ts';
import { checkSize } from '../../../../shared/http/request-input.ts';
import type { ApiEvent } from '../../../../shared/http/request-state.ts';
import { FileAnswer } from '../../../../shared/http/responses.ts';
import { apiEvent, apiHandler, ask, jsonEvent, recordingLog } from '../../../support/api-events.ts';

const PIXEL = Buffer.from([0x89, 0x50, 0xff, 0x00]);

const readThing = route({
  method: 'GET',
  path: '/thing',
  tag: 'test',
  operationId: 'readThing',
  summary: 'A thing',
  access: 'public',
  response: z.object({ ok: z.literal(true) }),
  errors: [],
});
const readFile = route({
  method: 'GET',
  path: '/files/{file}',
  tag: 'test',
  operationId: 'readFile',
  summary: 'A file',
  access: 'public',
  params: z.object({ file: z.string() }),
  response: z.never(),
  file: { contentTypes: ['image/png', 'text/css; charset=utf-8'], description: 'It' },
  errors: [],
});

const handler = apiHandler({
  routes: [
    implement(readThing, () => ({ ok: true }) as const),
    implement(readFile, ({ params: { file } }) => {
      if (file === 'pixel.png') return new FileAnswer(PIXEL, 'image/png', { 'x-own': 'yes' });
      if (file === 'style.css') return new FileAnswer(Buffer.from('é{}'), 'text/css; charset=utf-8');
      return new FileAnswer(PIXEL, 'image/gif');
    }),
  ],
  token: 'configured',
  log: recordingLog().log,
});

describe('a request of exactly the maximum size', () => {
  it.each<[string, ApiEvent]>([
    ['path and query', { ...apiEvent('GET /thing'), rawQueryString: 'x'.repeat(MAX_URL_BYTES - 6) }],
    ['headers', { ...apiEvent('GET /thing'), headers: { 'x-long': 'x'.repeat(MAX_HEADER_BYTES - 6) } }],
    ['body', apiEvent('POST /thing', { body: 'é'.repeat(MAX_BODY_BYTES / 2) })],
    ['body in base64', base64Event(MAX_BODY_BYTES)],
  ])('a request of exactly the maximum size is accepted: %s', (_what, event) => {
    expect(() => checkSize(event)).not.toThrow();
  });
});

describe('a request one byte too large', () => {
  const tooLarge: [string, ApiEvent, ErrorCode, number][] = [
    ['query', { ...apiEvent('GET /thing'), rawQueryString: 'x'.repeat(2_043) }, 'uri_too_long', 414],
    [
      'path',
      { ...apiEvent('GET /thing', { routed: false }), rawPath: `/${'é'.repeat(1_024)}` },
      'uri_too_long',
      414,
    ],
    [
      'headers',
      { ...apiEvent('GET /thing'), headers: { 'x-long': 'x'.repeat(8_187) } },
      'headers_too_large',
      431,
    ],
    ['cookies', { ...apiEvent('GET /thing'), cookies: ['x'.repeat(8_193)] }, 'headers_too_large', 431],
    [
      'body of a route without one',
      apiEvent('GET /thing', { body: 'x'.repeat(MAX_BODY_BYTES + 1) }),
      'payload_too_large',
      413,
    ],
    ['body in base64', base64Event(MAX_BODY_BYTES + 1), 'payload_too_large', 413],
    ['body without a route', jsonEvent('PUT /nothing', 'x'.repeat(MAX_BODY_BYTES)), 'payload_too_large', 413],
  ];

  it.each(tooLarge)(
    'a request one byte too large is rejected before anything else: %s',
    async (_what, event, code, status) => {
      const response = await ask(handler, event);
      expect(response.statusCode).toBe(status);
      expect(response.headers['content-type']).toBe('application/problem+json');
      expect(response.json).toMatchObject({ code, detail: expect.stringMatching(/\d+ bytes; at most \d+/) });
    },
  );
});

describe('HEAD', () => {
  const head = (path: string, routed = true) =>
    handler({ ...apiEvent(`HEAD ${path}`, { routed }), ...(path === '/thing' ? {} : { rawPath: path }) });

  it('HEAD is answered like GET, without the body', async () => {
    const got = await handler(apiEvent('GET /thing'));
    const { statusCode, headers, body } = await head('/thing');
    expect(body).toBe('');
    expect({ statusCode, headers: { ...headers, traceparent: '' } }).toEqual({
      statusCode: 200,
      headers: { ...got.headers, traceparent: '' },
    });
  });

  it('HEAD of an error has its status, without the document', async () => {
    expect(await head('/nothing', false)).toMatchObject({ statusCode: 404, body: '' });
  });
});

describe('a file response', () => {
  const file = (name: string, headers = {}, method = 'GET') =>
    handler({
      ...apiEvent(`${method} /files/{file}`, { headers }),
      rawPath: `/files/${name}`,
      pathParameters: { file: name },
    });

  it('a file is sent unchanged, with its type and headers', async () => {
    const response = await file('pixel.png');
    expect(response).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(Buffer.from(response.body, 'base64')).toEqual(PIXEL);
    expect(response.headers).toMatchObject({ 'content-type': 'image/png', 'x-own': 'yes' });
  });

  it('a text file is sent as text', async () => {
    expect(await file('style.css')).toMatchObject({ body: 'é{}' });
    expect(await file('style.css')).not.toHaveProperty('isBase64Encoded');
  });

  it('a client that has the file gets 304', async () => {
    const { headers } = await file('pixel.png');
    expect(headers['cache-control']).toBe('public, no-cache');
    const again = await file('pixel.png', { 'if-none-match': headers.etag });
    expect(again).toMatchObject({ statusCode: 304, body: '' });
    expect(again).not.toHaveProperty('isBase64Encoded');
  });

  it('HEAD of a file has no body', async () => {
    const response = await file('pixel.png', {}, 'HEAD');
    expect(response).toMatchObject({ statusCode: 200, body: '' });
    expect(response).not.toHaveProperty('isBase64Encoded');
  });

  it('a file of an undeclared type is an internal error', async () => {
    expect((await file('other.gif')).statusCode).toBe(500);
  });
});

function base64Event(bytes: number): ApiEvent {
  return apiEvent('POST /thing', { body: Buffer.alloc(bytes).toString('base64'), isBase64Encoded: true });
}
