import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HttpProblem } from '../../../../shared/api/errors.ts';
import { queryInteger } from '../../../../shared/api/parameters.ts';
import { parseInput, readJsonBody, readQuery } from '../../../../shared/http/request-input.ts';

/** The problem that a call throws. */
function problemOf(call: () => unknown): HttpProblem {
  try {
    call();
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a query string', () => {
  const schema = z.object({
    limit: queryInteger(z.int().min(0).max(10_000)).default(20),
    name: z.string().optional(),
  });

  it.each([
    ['', 20],
    ['limit=20', 20],
    ['limit=%2020%20', 20],
    ['limit=%2B5', 5],
    ['limit=+5', 5],
    ['limit=0', 0],
    ['limit=-0', 0],
    ['limit=007', 7],
    ['limit=10000', 10_000],
    ['limit=20.0', 20],
    ['limit=0.00', 0],
    ['limit=1&limit=2', 2],
    ['other=1&limit=3&another', 3],
    ['LIMIT=4', 20],
  ])('the query %j gives the limit %d', (query, limit) => {
    expect(readQuery(schema, query).limit).toBe(limit);
  });

  it.each([
    'limit=abc',
    'limit=1.5',
    'limit=5.',
    'limit=.0',
    'limit=',
    'limit',
    'limit=%20',
    'limit=-1',
    'limit=10001',
    'limit=1e3',
    'limit=0x10',
    'limit=1_0',
    'limit=NaN',
    'limit=Infinity',
    'limit=99999999999999999999',
    'limit=5%00',
    'limit=5&limit=x',
    'limit=5%2C6',
  ])('the query %j is rejected with the name of the field', (query) => {
    const problem = problemOf(() => readQuery(schema, query));
    expect(problem.code).toBe('invalid_request');
    expect(problem.fields.map(({ field }) => field)).toContain('query.limit');
    expect(problem.message).toMatch(/^query\.limit: /);
  });

  it('every missing or invalid field is named', () => {
    const strict = z.object({ a: queryInteger(z.int()), b: z.string(), c: z.enum(['x', 'y']) });
    const problem = problemOf(() => readQuery(strict, 'c=z'));
    expect(problem.fields).toEqual([
      { field: 'query.a', message: 'is missing; expected a number' },
      { field: 'query.b', message: 'is missing; expected a string' },
      { field: 'query.c', message: 'Invalid option: expected one of "x"|"y"' },
    ]);
    expect(problem.message).toMatch(/\(and 2 more\)$/);
  });

  it('names of Object.prototype are not confused with parameters', () => {
    expect(readQuery(schema, '__proto__=1&constructor=2&toString=3')).toEqual({ limit: 20 });
  });

  it('integers within bounds and browser-encoded text are parsed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.string(), (limit, name) => {
        const query = new URLSearchParams({ limit: String(limit), name }).toString();
        expect(readQuery(schema, query)).toEqual({ limit, name: name.toWellFormed() });
      }),
    );
  });

  it('parsing a query throws only problems', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webQueryParameters()), (query) => {
        try {
          readQuery(schema, query);
        } catch (error) {
          expect(error).toBeInstanceOf(HttpProblem);
        }
      }),
    );
  });
});

describe('a JSON body', () => {
  const schema = z.object({ total: z.int().min(0) });
  const json = { 'content-type': 'application/json' };
  const read = (body: string | undefined, headers: Record<string, string> = json, isBase64Encoded = false) =>
    parseInput(
      schema,
      readJsonBody({ ...(body === undefined ? {} : { body }), headers, isBase64Encoded }),
      'body',
    );

  it.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['Application/JSON;charset=UTF-8'],
    ['application/vnd.api+json'],
  ])('a body of type %s is parsed', (type) => {
    expect(read('{"total":5}', { 'content-type': type })).toEqual({ total: 5 });
  });

  it('a body without a content type is parsed as JSON', () => {
    expect(read('{"total":5}', {})).toEqual({ total: 5 });
  });

  it('a base64-encoded body is decoded', () => {
    const bytes = Buffer.from('{"total":7,"name":"Größe"}').toString('base64');
    expect(read(bytes, json, true)).toEqual({ total: 7 });
  });

  it.each([
    ['that is missing', undefined, 'body', 'is missing; send a JSON document'],
    ['that is empty', '', 'body', 'is missing; send a JSON document'],
    ['that is null', 'null', 'body', 'expected an object, not null'],
    ['that is an array', '[]', 'body', 'expected an object, not an array'],
    ['that is a text', '"x"', 'body', 'expected an object, not "x"'],
    ['without the field', '{}', 'body.total', 'is missing; expected a number'],
    ['with a text for a number', '{"total":"x"}', 'body.total', 'expected a number, not "x"'],
    ['with an array for a number', '{"total":[1]}', 'body.total', 'expected a number, not an array'],
    ['with an object for a number', '{"total":{}}', 'body.total', 'expected a number, not an object'],
    ['with a boolean for a number', '{"total":true}', 'body.total', 'expected a number, not true'],
    ['with a fraction', '{"total":1.5}', 'body.total', 'expected an integer, not 1.5'],
    ['with a number beyond all bounds', '{"total":1e400}', 'body.total', /expected a number/],
    ['with too small a number', '{"total":-5}', 'body.total', /Too small/],
    ['that is broken off', '{"total":', 'body', /^is no valid JSON: /],
    ['that is no JSON', 'total=5', 'body', /^is no valid JSON: /],
  ])('%s is rejected with the name of the field', (_what, body, field, message) => {
    const problem = problemOf(() => read(body));
    expect(problem.code).toBe('invalid_request');
    expect(problem.fields[0]?.field).toBe(field);
    expect(problem.fields[0]?.message).toMatch(message);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'x'])(
    'a body of type %s is rejected, naming the expected type',
    (type) => {
      const problem = problemOf(() => read('{"total":5}', { 'content-type': type }));
      expect(problem.fields).toEqual([
        { field: 'header.content-type', message: `expected application/json, not ${type}` },
      ]);
    },
  );

  it('a body that is not valid UTF-8 is rejected', () => {
    const problem = problemOf(() => read(Buffer.from([0x22, 0xff, 0x22]).toString('base64'), json, true));
    expect(problem.fields).toEqual([{ field: 'body', message: 'is no valid UTF-8' }]);
  });

  it('the first twenty of many problems are listed, with their total number', () => {
    const many = z.object({ dates: z.array(z.string()) });
    const body = JSON.stringify({ dates: Array.from({ length: 500 }, (_, i) => i) });
    const problem = problemOf(() =>
      parseInput(many, readJsonBody({ body, headers: json, isBase64Encoded: false }), 'body'),
    );
    expect(problem.fields).toHaveLength(20);
    expect(problem.fields[19]).toEqual({ field: 'body.dates[19]', message: 'expected a string, not 19' });
    expect(problem.message).toMatch(/^body\.dates\[0\]: .*\(and 499 more\)$/);
  });

  it('parsing a body throws only problems', () => {
    const body = fc.oneof(fc.json(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(body, fc.boolean(), (text, base64) => {
        try {
          read(text, json, base64);
        } catch (error) {
          expect(error).toBeInstanceOf(HttpProblem);
        }
      }),
    );
  });
});
