import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilter, FilterPatternError } from '../../../event-sources/filter-pattern.ts';

const matches = (pattern: unknown, event: unknown) => compileFilter([pattern])(event);

test.each<[alternatives: unknown, value: unknown, expected: boolean]>([
  [['a'], 'a', true],
  [['a'], 'A', false],
  [['5'], 5, false],
  [[''], '', true],
  [['a'], undefined, false],
  [['a'], { a: 1 }, false],
  [['a', 'b'], 'b', true],
  [[{ 'anything-but': ['a'] }], 'b', true],
  [[{ 'anything-but': ['a'] }], 'a', false],
  [[{ 'anything-but': ['a'] }], undefined, false],
  [[{ 'anything-but': ['a'] }], { S: 'b' }, false],
  [[{ 'anything-but': ['a', 'b'] }], 'c', true],
  [[{ 'anything-but': ['a', 'b'] }], 'b', false],
])('whether the pattern %j matches %j is %s', (alternatives, value, expected) => {
  expect(matches({ field: alternatives }, { field: value })).toBe(expected);
});

describe('patterns', () => {
  test('a pattern requires every field and any of its listed values', () => {
    const pattern = { a: ['1', '2'], b: { c: ['3'] } };
    expect(matches(pattern, { a: '2', b: { c: '3' }, more: 'ignored' })).toBe(true);
    expect(matches(pattern, { a: '2', b: { c: '4' } })).toBe(false);
    expect(matches(pattern, { a: '2' })).toBe(false);
  });

  test('an event must match one of several patterns, and no patterns match every event', () => {
    expect(compileFilter([{ a: ['1'] }, { a: ['2'] }])({ a: '2' })).toBe(true);
    expect(compileFilter([{ a: ['1'] }, { a: ['2'] }])({ a: '3' })).toBe(false);
    expect(compileFilter([])({})).toBe(true);
  });
});

describe('filters of arbitrary values', () => {
  const text = fc.string();

  test('a string matches itself and never an anything-but that lists it', () => {
    fc.assert(
      fc.property(text, (value) => {
        const one = (matcher: unknown) => matches({ a: { S: [matcher] } }, { a: { S: value } });
        expect(one(value)).toBe(true);
        expect(one({ 'anything-but': [value] })).toBe(false);
      }),
    );
  });

  test("anything-but matches exactly the values that its list doesn't", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), text, (unwanted, value) => {
        const event = { a: value };
        expect(matches({ a: [{ 'anything-but': unwanted }] }, event)).toBe(!matches({ a: unwanted }, event));
      }),
    );
  });

  test('matching an arbitrary event never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.constant(['a']), { minKeys: 1 }),
        fc.jsonValue(),
        (pattern, event) => {
          expect(typeof matches(pattern, event)).toBe('boolean');
        },
      ),
    );
  });
});

describe('invalid patterns', () => {
  const image = (leaf: unknown) => ({ dynamodb: { NewImage: { day_index: leaf } } });
  test.each<[unknown, RegExp]>([
    [image({ N: [{ numeric: ['>', -1] }] }), /at dynamodb\.NewImage\.day_index\.N: .*numeric.*strings/],
    [image({ N: [5] }), /at dynamodb\.NewImage\.day_index\.N: .*5.*strings/],
    [image({ N: [{ 'anything-but': [-1] }] }), /at dynamodb\.NewImage\.day_index\.N: .*-1.*strings/],
    [image({ N: '5' }), /at dynamodb\.NewImage\.day_index\.N: "5" must be in a list/],
    [image(['5']), /at dynamodb\.NewImage\.day_index: .*below its type/],
    [image({ X: ['5'] }), /at dynamodb\.NewImage\.day_index\.X: .*below its type/],
    [image({ N: [] }), /must be a list of strings/],
    [image({ N: [['5']] }), /must be a list of strings/],
    [image({ N: [null] }), /must be a list of strings/],
    [image({ S: [true] }), /must be a list of strings/],
    [image({ BOOL: ['true'] }), /below its type/],
    [image({ S: [{ wildcard: '*' }] }), /wildcard/],
    [image({ S: [{}] }), /must be a list of strings/],
    [image({ S: ['a', { 'anything-but': ['b'] }] }), /must be a list of strings/],
    [image({ S: [{ exists: true }] }), /exists/],
    [image({ S: [{ prefix: 'a' }] }), /prefix/],
    [image({ S: [{ 'anything-but': [] }] }), /anything-but/],
    [image({ S: [{ 'anything-but': { prefix: 'a' } }] }), /anything-but/],
    [{ dynamodb: { SizeBytes: [{ numeric: ['>', 1] }] } }, /numeric/],
    [{ $or: [{ eventName: ['INSERT'] }, { eventName: ['REMOVE'] }] }, /at \$or: /],
    [{}, /at its root: it is empty/],
    [{ dynamodb: {} }, /at dynamodb: it is empty/],
  ])('the pattern %j is rejected with its location', (pattern, message) => {
    expect(() => compileFilter([pattern])).toThrow(message);
    expect(() => compileFilter([pattern])).toThrow(FilterPatternError);
  });
});
