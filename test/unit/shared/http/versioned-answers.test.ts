import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { route } from '../../../../shared/api/route.ts';
import { createApiHandler, implement } from '../../../../shared/http/api-handler.ts';
import { VersionedAnswer } from '../../../../shared/http/responses.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';

const readThing = route({
  method: 'GET',
  path: '/things/{thing_id}',
  tag: 'test',
  operationId: 'readThing',
  summary: 'A thing',
  access: 'public',
  params: z.object({ thing_id: z.uuid() }),
  response: z.object({ id: z.string() }),
  versioned: true,
  errors: [],
});

const ID = '7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11';

function handlerOf(version: string, declaration = readThing) {
  const implementations = [
    implement(declaration, ({ params }) => new VersionedAnswer({ id: params.thing_id }, version)),
  ];
  return createApiHandler({ routes: implementations, log: recordingLog().log });
}

function request(id = ID, headers: Record<string, string> = {}) {
  const event = apiEvent(`GET /things/${id}`, { headers });
  return { ...event, routeKey: 'GET /things/{thing_id}', pathParameters: { thing_id: id } };
}

describe('a path parameter', () => {
  it('a path parameter is parsed', async () => {
    expect(await ask(handlerOf('a'), request())).toMatchObject({ statusCode: 200, json: { id: ID } });
  });

  it('an invalid path parameter is named', async () => {
    const { statusCode, json } = await ask(handlerOf('a'), request('7'));
    expect(statusCode).toBe(422);
    expect(json.errors).toMatchObject([{ field: 'path.thing_id' }]);
  });
});

describe('a versioned answer', () => {
  it('a versioned answer has an entity tag and must be revalidated', async () => {
    const { headers } = await ask(handlerOf('a'), request());
    expect(headers.etag).toMatch(/^"[\w-]{27}"$/);
    expect(headers['cache-control']).toBe('public, no-cache');
  });

  it('a client with the current version gets 304', async () => {
    const handler = handlerOf('a');
    const { headers } = await ask(handler, request());
    for (const tag of [headers.etag, `W/${headers.etag}`, `"x", ${headers.etag}`, '*']) {
      const again = await ask(handler, request(ID, { 'if-none-match': String(tag) }));
      expect(again).toMatchObject({ statusCode: 304, body: '' });
      expect(again.headers.etag).toBe(headers.etag);
      expect(again.headers).not.toHaveProperty('content-type');
    }
  });

  it('a new version is sent again, even if the content is the same', async () => {
    const { headers } = await ask(handlerOf('a'), request());
    const again = await ask(handlerOf('b'), request(ID, { 'if-none-match': String(headers.etag) }));
    expect(again.statusCode).toBe(200);
    expect(again.headers.etag).not.toBe(headers.etag);
  });

  it('a versioned answer of a route that declares none is an internal error', async () => {
    const { versioned, ...undeclared } = readThing;
    expect(versioned).toBe(true);
    expect(await ask(handlerOf('a', undeclared), request())).toMatchObject({ statusCode: 500 });
  });
});
