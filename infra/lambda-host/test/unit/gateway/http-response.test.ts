import { describe, expect, test } from 'vitest';
import { createRouter } from '../../../gateway/http-api.ts';
import { httpResponseOf } from '../../../gateway/http-response.ts';

function shown(answer: unknown) {
  const { statusCode, headers, cookies, body } = httpResponseOf(JSON.stringify(answer));
  return { statusCode, headers, cookies, body: body.toString() };
}

describe('responses from function results', () => {
  test('a result with a status is sent as the function describes it', () => {
    const answer = {
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', 'X-Number': 5, 'X-None': null },
      cookies: ['a=1', 'b=2'],
      body: 'ü',
    };
    expect(shown(answer)).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'text/html', 'x-number': '5' },
      cookies: ['a=1', 'b=2'],
      body: 'ü',
    });
  });

  test('a base64 body is decoded', () => {
    const { body } = httpResponseOf('{"statusCode":200,"isBase64Encoded":true,"body":"/wA="}');
    expect([...body]).toEqual([255, 0]);
  });

  test('a result without body and type gets the defaults', () => {
    expect(shown({ statusCode: 204 })).toEqual({
      statusCode: 204,
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
      cookies: [],
      body: '',
    });
  });

  test.each([
    [{ value: 1 }, '{"value":1}'],
    [[1, 2], '[1,2]'],
    ['text', 'text'],
    [null, 'null'],
    [5, '5'],
  ])('the result %j without a status becomes the body of a 200', (answer, body) => {
    const headers = { 'content-type': 'application/json' };
    expect(shown(answer)).toEqual({ statusCode: 200, headers, cookies: [], body });
  });

  test.each([
    { statusCode: 'ok' },
    { statusCode: 99 },
    { statusCode: 200.5 },
    { statusCode: 200, body: { an: 'object' } },
    { statusCode: 200, headers: 'none' },
    { statusCode: 200, cookies: 'a=1' },
  ])('the malformed result %j becomes a 500', (answer) => {
    expect(shown(answer)).toMatchObject({ statusCode: 500, body: '{"message":"Internal Server Error"}' });
  });
});

describe('route lookup', () => {
  const route = createRouter({
    routes: [
      { method: 'GET', path: '/health', function: 'system' },
      { method: 'HEAD', path: '/health', function: 'system' },
      { method: 'GET', path: '/sales/{store}/{product}', function: 'sales' },
      { method: 'HEAD', path: '/sales/{store}/{product}', function: 'sales' },
      { method: 'GET', path: '/sales/recent/all', function: 'recent' },
    ],
    defaultFunction: 'fallback',
  });

  test('a route is found by method and path', () => {
    expect(route('GET', '/health')).toEqual({ function: 'system', routeKey: 'GET /health' });
  });

  test('a route may have path parameters', () => {
    expect(route('GET', '/sales/S1/P 1')).toEqual({
      function: 'sales',
      routeKey: 'GET /sales/{store}/{product}',
      pathParameters: { store: 'S1', product: 'P 1' },
    });
  });

  test('a path declared for GET and HEAD accepts both', () => {
    expect(route('HEAD', '/health')?.routeKey).toBe('HEAD /health');
    expect(route('HEAD', '/sales/S1/P1')?.routeKey).toBe('HEAD /sales/{store}/{product}');
  });

  test('a literal route wins over one with parameters', () => {
    expect(route('GET', '/sales/recent/all')?.function).toBe('recent');
  });

  test.each([
    ['POST', '/health'],
    ['DELETE', '/health'],
    ['GET', '/health/'],
    ['GET', '/Health'],
    ['GET', '/sales/S1'],
    ['GET', '/sales//P1'],
    ['GET', '/'],
  ])('the request %s %s has no route and goes to the default route', (method, path) => {
    expect(route(method, path)).toEqual({ function: 'fallback', routeKey: '$default' });
  });
});
