import { describe, expect, test } from 'vitest';
import { httpResponseOf } from '../../../gateway/http-response.ts';
import { handlerResult, isLarger, wholePayload } from '../../../runtime/handler-result.ts';

const large = (text: string) => text.repeat(Math.ceil(10_000 / text.length));
const response = (body: string) => ({ statusCode: 200, headers: { 'x-a': 'b' }, body, cookies: ['a=1'] });

describe('results of handlers', () => {
  test.each([
    ['JSON', large('{"a":"b"}')],
    ['other scripts', large('ä€😀')],
    ['control characters', large('\u0000\n"\\')],
  ])('a large response with %s reaches the client as if it were part of the JSON', (_of, text) => {
    const result = handlerResult(response(text));
    expect(result.body).not.toBeNull();
    expect(result.payload.length).toBeLessThan(200);
    expect(httpResponseOf(result.payload, result.body)).toEqual(
      httpResponseOf(JSON.stringify(response(text))),
    );
    expect(wholePayload(result)).toBe(JSON.stringify(response(text)));
  });

  test.each([
    ['a small body', response('text')],
    ['half a surrogate pair', response(large('\ud83d '))],
    ['base64', { ...response(large('abcd')), isBase64Encoded: true }],
    ['no status', { body: large('text') }],
    ['a body that is no text', { statusCode: 200, body: { text: large('text') } }],
    ['a JSON form of its own', { ...response(large('text')), toJSON: () => 'other' }],
    ['a class', Object.assign(Object.create({ inherited: true }), response(large('text')))],
    ['an array', [response(large('text'))]],
    ['null', null],
  ])('a result with %s stays one JSON text', (_what, returned) => {
    const result = handlerResult(returned);
    expect(result).toEqual({ payload: JSON.stringify(returned), body: null });
    expect(wholePayload(result)).toBe(result.payload);
  });

  test('what JSON cannot express is null', () => {
    expect(handlerResult(undefined)).toEqual({ payload: 'null', body: null });
  });

  test.each([
    ['plain', 'text '],
    ['escaped', '"\u0001€'],
  ])('the size of a response with %s text is that of its JSON', (_what, text) => {
    const returned = response(large(text));
    const bytes = Buffer.byteLength(JSON.stringify(returned));
    const result = handlerResult(returned);
    expect(result.body).not.toBeNull();
    expect([bytes - 1, bytes, 10 * bytes].map((limit) => isLarger(result, limit))).toEqual([
      true,
      false,
      false,
    ]);
    const small = handlerResult({ a: 'ü' });
    expect([8, 9, 10].map((limit) => isLarger(small, limit))).toEqual([true, true, false]);
  });
});
