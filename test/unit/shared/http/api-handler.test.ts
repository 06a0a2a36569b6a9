import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { errorTable, HttpProblem } from '../../../../shared/api/errors.ts';
import { queryInteger } from '../../../../shared/api/parameters.ts';
import { route } from '../../../../shared/api/route.ts';
import { implement } from '../../../../shared/http/api-handler.ts';
import { ContractBreach, TextAnswer } from '../../../../shared/http/responses.ts';
import { apiEvent, apiHandler, ask, jsonEvent, recordingLog } from '../../../support/api-events.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const readThing = route({
  method: 'GET',
  path: '/thing',
  tag: 'test',
  operationId: 'readThing',
  summary: 'A thing',
  access: 'public',
  query: z.object({ size: queryInteger(z.int().min(0).max(10)).default(3) }),
  response: z.object({ size: z.number(), note: z.string().optional() }),
  text: { contentType: 'text/plain; charset=utf-8', description: 'The same as text' },
  errors: [],
});
const changeThing = route({
  method: 'POST',
  path: '/thing',
  tag: 'test',
  operationId: 'changeThing',
  summary: 'Another thing',
  access: 'token',
  body: z.object({ name: z.string() }),
  response: z.object({ name: z.string() }),
  errors: [],
});

type Answer = (size: number) => unknown;

/** A handler of both routes; `answer` simulates a defective or failing route. */
function handlerOf(
  answer: Answer = (size) => ({ size }),
  options: { token?: string; withinMs?: number } = {},
) {
  const recording = recordingLog();
  const handler = apiHandler({
    routes: [
      // Types forbid a breach of the contract, so it is cast here.
      implement(readThing, async ({ query }) => (await answer(query.size)) as { size: number }),
      implement(changeThing, async ({ body }) => {
        await answer(0);
        return { name: body.name };
      }),
    ],
    token: options.token,
    log: recording.log,
    answerWithinMs: options.withinMs ?? 5_000,
  });
  return { handler, ...recording };
}

describe('a successful response', () => {
  it('a response has the returned value as JSON, and the standard headers', async () => {
    const { handler } = handlerOf();
    const response = await handler(apiEvent('GET /thing?size=7', { headers: { traceparent: TRACEPARENT } }));
    expect(response).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        traceparent: TRACEPARENT,
      },
      body: '{"size":7}',
    });
  });

  it('members that the schema does not name are dropped', async () => {
    const { handler } = handlerOf(() => ({ size: 1, internal_id: 5 }));
    expect((await ask(handler, apiEvent('GET /thing'))).json).toEqual({ size: 1 });
  });

  it('a route that declares text may return text', async () => {
    const { handler } = handlerOf(() => new TextAnswer('size 3'));
    const response = await handler(apiEvent('GET /thing'));
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(response.body).toBe('size 3');
  });

  it('a request is logged with trace, status and duration, but without query, headers and bodies', async () => {
    const { handler, lines, text } = handlerOf(undefined, { token: 'tok-secret' });
    const headers = { traceparent: TRACEPARENT, authorization: 'Bearer tok-secret' };
    await handler(jsonEvent('POST /thing?q=query-secret', { name: 'body-secret' }, headers));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      details: [
        {
          trace_id: '0af7651916cd43dd8448eb211c80319c',
          method: 'POST',
          path: '/thing',
          status: 200,
          duration_ms: expect.any(Number),
          request_id: 'request-1',
        },
      ],
    });
    expect(text()).not.toMatch(/secret/);
  });
});

describe('an error response', () => {
  it('an error is a problem document with status, title, field and trace id', async () => {
    const { handler } = handlerOf();
    const headers = { traceparent: TRACEPARENT };
    const response = await ask(handler, apiEvent('GET /thing?size=eleven', { headers }));
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.headers.traceparent).toBe(TRACEPARENT);
    expect(response.json).toEqual({
      type: 'urn:problem-type:invalid_request',
      title: errorTable.invalid_request.title,
      status: 422,
      detail: 'query.size: expected an integer, not "eleven"',
      instance: '/thing',
      code: 'invalid_request',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      errors: [{ field: 'query.size', message: 'expected an integer, not "eleven"' }],
    });
  });

  it.each(Object.entries(errorTable))('%s has its own status', async (code, { status, title }) => {
    const { handler } = handlerOf(() => {
      throw new HttpProblem(code as keyof typeof errorTable, 'why');
    });
    const response = await ask(handler, apiEvent('GET /thing'));
    expect(response.statusCode).toBe(status);
    expect(response.json).toMatchObject({ code, status, title, detail: 'why' });
  });

  it('a problem adds its own headers and members', async () => {
    const { handler } = handlerOf(() => {
      throw new HttpProblem('dependency_unavailable', 'Down: kafka.', {
        headers: { 'retry-after': '5' },
        extensions: { dependencies: { kafka: 'down' } },
      });
    });
    const response = await ask(handler, apiEvent('GET /thing'));
    expect(response.headers['retry-after']).toBe('5');
    expect(response.json.dependencies).toEqual({ kafka: 'down' });
  });

  it('an unexpected error is internal: its cause is logged, but not sent', async () => {
    const { handler, lines } = handlerOf(() => {
      throw new TypeError('cannot read password of undefined');
    });
    const response = await ask(handler, apiEvent('GET /thing'));
    expect(response.json).toMatchObject({ status: 500, code: 'internal' });
    expect(response.body).not.toMatch(/password|TypeError|\.ts/);
    const failure = lines.find(({ level }) => level === 'error');
    expect(failure?.details[0]).toMatchObject({ error: expect.any(TypeError), trace_id: expect.any(String) });
    expect(lines.at(-1)?.details[0]).toMatchObject({ status: 500, code: 'internal' });
  });

  it.each([['a text'], [undefined], [null], [{ message: 'no error' }]])(
    'a thrown %j is an internal error',
    async (thrown) => {
      const { handler } = handlerOf(() => {
        throw thrown;
      });
      expect((await handler(apiEvent('GET /thing'))).statusCode).toBe(500);
    },
  );

  it('a request without a route is not_found', async () => {
    const { handler } = handlerOf();
    const response = await ask(handler, apiEvent('GET /nothing', { routed: false }));
    expect(response.json).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('a breach of the contract', () => {
  it.each([
    ['a missing member', {}],
    ['a wrong type', { size: 'three' }],
    ['NaN', { size: Number.NaN }],
    ['Infinity', { size: Number.POSITIVE_INFINITY }],
    ['nothing', undefined],
  ])('a response that breaks its contract is an internal error: %s', async (_name, value) => {
    const { handler, text } = handlerOf(() => value);
    const response = await ask(handler, apiEvent('GET /thing'));
    expect(response.json).toMatchObject({ status: 500, code: 'internal' });
    expect(response.body).not.toMatch(/size/);
    expect(text()).toMatch(/request failed/);
  });

  it('text from a route that declares none is an internal error', async () => {
    const undeclared = { ...readThing };
    delete undeclared.text;
    const { log, lines } = recordingLog();
    const handler = apiHandler({
      routes: [implement(undeclared, () => new TextAnswer('x'))],
      log,
    });
    expect((await handler(apiEvent('GET /thing'))).statusCode).toBe(500);
    expect(lines[0]?.details[0]).toMatchObject({ error: expect.any(ContractBreach) });
  });
});

describe('an unresponsive dependency', () => {
  it('a read that times out is dependency_unavailable, with Retry-After', async () => {
    const { handler } = handlerOf(() => new Promise(() => undefined), { withinMs: 20 });
    const response = await ask(handler, apiEvent('GET /thing'));
    expect(response.json).toMatchObject({ status: 503, code: 'dependency_unavailable' });
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('a change that times out is outcome_unknown, without Retry-After', async () => {
    const { handler } = handlerOf(() => new Promise(() => undefined), { withinMs: 20 });
    const response = await ask(handler, jsonEvent('POST /thing', { name: 'n' }));
    expect(response.json).toMatchObject({ status: 503, code: 'outcome_unknown' });
    expect(response.headers).not.toHaveProperty('retry-after');
  });

  it('a request is abandoned before Lambda ends the invocation', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { handler } = handlerOf(() => new Promise(() => undefined));
    const answering = handler(apiEvent('GET /thing'), { getRemainingTimeInMillis: () => 2_500 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await answering).statusCode).toBe(503);
  });
});

describe('the API token', () => {
  const changed = (headers: Record<string, string> = {}, token?: string) =>
    ask(
      handlerOf(undefined, token === undefined ? {} : { token }).handler,
      jsonEvent('POST /thing', { name: 'n' }, headers),
    );

  it.each([undefined, ''])('no token is required if none is configured (%j)', async (token) => {
    expect((await changed({}, token)).statusCode).toBe(200);
  });

  it('public routes require no token', async () => {
    const { handler } = handlerOf(undefined, { token: 'right' });
    expect((await handler(apiEvent('GET /thing'))).statusCode).toBe(200);
  });

  it.each(['Bearer right', 'bearer right', 'Bearer  right '])(
    'the token is accepted as %j',
    async (authorization) => {
      expect((await changed({ authorization }, 'right')).statusCode).toBe(200);
    },
  );

  it.each([
    'Bearer wrong',
    'Bearer righ',
    'Bearer right2',
    'Bearer',
    'Bearer right right',
    'Basic right',
    '',
  ])('the authorization %j is rejected', async (authorization) => {
    const response = await changed({ authorization }, 'right');
    expect(response.json).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(response.headers['www-authenticate']).toMatch(/^Bearer realm=.*error="invalid_token"/);
    expect(response.body).not.toMatch(/righ|wrong/);
  });

  it('a missing header is answered with a challenge without an error', async () => {
    const response = await changed({}, 'right');
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="retail-time-machine"');
  });

  it('the token is checked before the body is parsed', async () => {
    const { handler } = handlerOf(undefined, { token: 'right' });
    expect((await handler(apiEvent('POST /thing', { body: '{' }))).statusCode).toBe(401);
  });

  it('the token is never logged', async () => {
    const { handler, text } = handlerOf(undefined, { token: 'right-secret' });
    const wrong = { authorization: 'Bearer wrong-secret' };
    await handler(jsonEvent('POST /thing', { name: 'n' }, wrong));
    expect(text()).not.toMatch(/secret/);
  });
});

describe('arbitrary input', () => {
  it('arbitrary input is never answered by a 5xx', async () => {
    const { handler } = handlerOf();
    const query = fc.oneof(fc.webQueryParameters(), fc.string());
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.jsonValue().map((v) => JSON.stringify({ name: v })),
    );
    const type = fc.oneof(fc.constantFrom('application/json', 'text/plain', ''), fc.string());
    await fc.assert(
      fc.asyncProperty(query, body, type, fc.boolean(), async (rawQuery, text, contentType, base64) => {
        const get = { ...apiEvent('GET /thing'), rawQueryString: rawQuery };
        expect((await handler(get)).statusCode).toBeOneOf([200, 422]);
        const parts = { headers: { 'content-type': contentType }, body: text, isBase64Encoded: base64 };
        expect((await handler(apiEvent('POST /thing', parts))).statusCode).toBeOneOf([200, 422]);
      }),
    );
  });
});
