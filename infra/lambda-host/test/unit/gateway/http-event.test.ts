import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../../gateway/http-event.ts';
import {
  functionUrlEndpoint,
  functionUrlEvent,
  httpApiEndpoint,
  httpApiEvent,
} from '../../../gateway/http-event.ts';

function request(overrides: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'POST',
    path: '/my/path',
    query: '',
    rawHeaders: ['Host', 'localhost:8000', 'User-Agent', 'agent/1.0'],
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.1',
    port: 8000,
    receivedAt: new Date('2020-03-12T19:03:58.390Z'),
    requestId: 'JKJaXmPLvHcESHA=',
    body: Buffer.alloc(0),
    ...overrides,
  };
}

const apiEvent = (overrides: Partial<HttpRequest> = {}, path = '/my/path') =>
  httpApiEvent(
    request(overrides),
    path,
    { function: 'any', routeKey: 'POST /my/path' },
    httpApiEndpoint('eu-central-1'),
  );

const urlEvent = (overrides: Partial<HttpRequest> = {}) =>
  functionUrlEvent(request(overrides), functionUrlEndpoint('eu-central-1'));

describe('the event of an HTTP API', () => {
  test('an HTTP API event has every field that API Gateway sends', () => {
    const event = apiEvent({
      query: 'parameter1=value1&parameter1=value2&parameter2=a%20b+c',
      rawHeaders: [
        'Host',
        'h',
        'Header2',
        'value1',
        'header2',
        'value2',
        'Cookie',
        'a=1; b=2',
        'User-Agent',
        'agent',
      ],
      body: Buffer.from('{"ä":1}'),
    });
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /my/path',
      rawPath: '/my/path',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=a%20b+c',
      cookies: ['a=1', 'b=2'],
      headers: {
        host: 'h',
        header2: 'value1,value2',
        'user-agent': 'agent',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-5e6a879e-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '8000',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'a b c' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: 'local.execute-api.eu-central-1.amazonaws.com',
        domainPrefix: 'local',
        http: {
          method: 'POST',
          path: '/my/path',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'agent',
        },
        requestId: 'JKJaXmPLvHcESHA=',
        routeKey: 'POST /my/path',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838390,
      },
      body: '{"ä":1}',
      isBase64Encoded: false,
    });
  });

  test('an HTTP API event omits what the request does not have', () => {
    const event = apiEvent();
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    for (const field of ['cookies', 'queryStringParameters', 'pathParameters', 'body', 'stageVariables']) {
      expect(event).not.toHaveProperty(field);
    }
  });

  test('an HTTP API event has the decoded path and its parameters', () => {
    const match = { function: 'any', routeKey: 'GET /a/{id}', pathParameters: { id: 'b c' } };
    const event = httpApiEvent(request({ path: '/a/b%20c' }), '/a/b c', match, httpApiEndpoint('r'));
    expect(event.rawPath).toBe('/a/b c');
    expect(event.requestContext.http.path).toBe('/a/b c');
    expect(event.pathParameters).toEqual({ id: 'b c' });
  });

  test("an HTTP API event keeps the client's trace and appends its address to those of the proxies", () => {
    const rawHeaders = [
      'X-Amzn-Trace-Id',
      'Root=1-00000001-000000000000000000000002',
      'X-Forwarded-For',
      '10.0.0.1',
    ];
    expect(apiEvent({ rawHeaders }).headers).toMatchObject({
      'x-amzn-trace-id': 'Root=1-00000001-000000000000000000000002',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
    });
  });

  test.each([
    ['application/json', false],
    ['text/plain; charset=utf-8', false],
    ['application/problem+json', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['image/png', true],
  ])('whether a body of type %s is sent in base64 is %s', (type, base64) => {
    const event = apiEvent({ rawHeaders: ['Content-Type', type], body: Buffer.from('ü') });
    expect(event.isBase64Encoded).toBe(base64);
    expect(event.body).toBe(base64 ? Buffer.from('ü').toString('base64') : 'ü');
  });

  test('a parameter named __proto__ is treated like any other', () => {
    const event = JSON.parse(JSON.stringify(apiEvent({ query: '__proto__=1' })));
    expect(Object.entries(event.queryStringParameters)).toEqual([['__proto__', '1']]);
  });
});

describe('the event of a function URL', () => {
  test('a function URL event has the path as sent, the cookies in the headers too, and the default route', () => {
    const event = urlEvent({ method: 'GET', path: '/stream/a%20b', rawHeaders: ['Cookie', 'a=1; b=2'] });
    expect(event).toMatchObject({
      routeKey: '$default',
      rawPath: '/stream/a%20b',
      cookies: ['a=1', 'b=2'],
      headers: { cookie: 'a=1; b=2' },
      requestContext: {
        routeKey: '$default',
        domainName: 'local.lambda-url.eu-central-1.on.aws',
        http: { path: '/stream/a%20b' },
      },
    });
  });
});
