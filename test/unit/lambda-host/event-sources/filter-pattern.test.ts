import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type EventPattern,
  matches,
  matchesAny,
} from '../../../../infra/lambda-host/event-sources/filter-pattern.ts';
import {
  assertMatchable,
  FilterPatternError,
} from '../../../../infra/lambda-host/event-sources/pattern-check.ts';
import { dayAcceptedPattern, eventSources } from '../../../../infra/system.ts';

const stateRecord = (dayIndex: string, sk = 'STATE') => ({
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: 'SIMULATION' }, sk: { S: sk } },
    NewImage: { pk: { S: 'SIMULATION' }, sk: { S: sk }, day_index: { N: dayIndex } },
    SizeBytes: 120,
  },
});

describe("the producer's filter", () => {
  test('lets accepted days through', () => {
    expect(matches(dayAcceptedPattern, stateRecord('0'))).toBe(true);
    expect(matches(dayAcceptedPattern, stateRecord('730'))).toBe(true);
  });

  test('drops a new run, other items and removals', () => {
    expect(matches(dayAcceptedPattern, stateRecord('-1'))).toBe(false);
    expect(matches(dayAcceptedPattern, stateRecord('5', 'PROGRESS'))).toBe(false);
    const { NewImage: _removed, ...removal } = stateRecord('5').dynamodb;
    expect(matches(dayAcceptedPattern, { eventName: 'REMOVE', dynamodb: removal })).toBe(false);
  });

  test('is one that AWS can match', () => {
    for (const pattern of eventSources.stream.filters) expect(() => assertMatchable(pattern)).not.toThrow();
  });
});

describe('a value matches', () => {
  test.each<[matcher: unknown, value: unknown, expected: boolean]>([
    ['a', 'a', true],
    ['a', 'A', false],
    ['5', 5, false],
    [5, 5, true],
    [5, '5', false],
    [true, true, true],
    [true, 'true', false],
    [null, null, true],
    [null, undefined, false],
    [null, '', false],
    ['', '', true],
    ['a', undefined, false],
    ['a', { a: 1 }, false],
    ['b', ['a', 'b'], true],
    ['c', ['a', 'b'], false],
    [{ exists: true }, 'a', true],
    [{ exists: true }, null, true],
    [{ exists: true }, undefined, false],
    [{ exists: true }, { S: 'a' }, false],
    [{ exists: false }, undefined, true],
    [{ exists: false }, 'a', false],
    [{ exists: false }, { S: 'a' }, true],
    [{ exists: false }, [], true],
    [{ prefix: 'DAY#' }, 'DAY#0001', true],
    [{ prefix: 'DAY#' }, 'XDAY#', false],
    [{ prefix: '1' }, 12, false],
    [{ suffix: '.csv' }, 'a.csv', true],
    [{ suffix: '.csv' }, 'a.csv.gz', false],
    [{ 'equals-ignore-case': 'StAtE' }, 'STATE', true],
    [{ 'equals-ignore-case': 'state' }, 'states', false],
    [{ 'anything-but': 'a' }, 'b', true],
    [{ 'anything-but': 'a' }, 'a', false],
    [{ 'anything-but': 'a' }, undefined, false],
    [{ 'anything-but': 'a' }, { S: 'b' }, false],
    [{ 'anything-but': ['a', 'b'] }, 'c', true],
    [{ 'anything-but': ['a', 'b'] }, 'b', false],
    [{ 'anything-but': 5 }, '5', true],
    [{ 'anything-but': { prefix: 'a' } }, 'b', true],
    [{ 'anything-but': { prefix: 'a' } }, 'ab', false],
    [{ numeric: ['=', 5] }, 5, true],
    [{ numeric: ['=', 5] }, '5', false],
    [{ numeric: ['>', 0, '<=', 10] }, 10, true],
    [{ numeric: ['>', 0, '<=', 10] }, 0, false],
    [{ numeric: ['>=', 0, '<', 10] }, 0, true],
    [{ numeric: ['>=', 0, '<', 10] }, 10, false],
    [{ unknown: 'a' }, 'a', false],
  ])('%j holds %j: %s', (matcher, value, expected) => {
    expect(matches({ field: [matcher] }, { field: value })).toBe(expected);
  });
});

describe('a pattern', () => {
  test('wants every name and any of the listed matchers', () => {
    const pattern = { a: ['1', '2'], b: { c: ['3'] } };
    expect(matches(pattern, { a: '2', b: { c: '3' }, more: 'ignored' })).toBe(true);
    expect(matches(pattern, { a: '2', b: { c: '4' } })).toBe(false);
    expect(matches(pattern, { a: '2' })).toBe(false);
  });

  test('takes alternatives beside other names', () => {
    const pattern = { z: ['1'], $or: [{ a: ['1'] }, { b: { c: ['2'] } }] };
    expect(matches(pattern, { z: '1', a: '1' })).toBe(true);
    expect(matches(pattern, { z: '1', b: { c: '2' } })).toBe(true);
    expect(matches(pattern, { z: '1', b: { c: '3' } })).toBe(false);
    expect(matches(pattern, { a: '1' })).toBe(false);
  });

  test('looks into lists of objects', () => {
    expect(matches({ L: { S: ['b'] } }, { L: [{ S: 'a' }, { S: 'b' }] })).toBe(true);
    expect(matches({ L: { S: ['c'] } }, { L: [{ S: 'a' }, { S: 'b' }] })).toBe(false);
  });

  test('of several is enough; none at all lets everything through', () => {
    expect(matchesAny([{ a: ['1'] }, { a: ['2'] }], { a: '2' })).toBe(true);
    expect(matchesAny([{ a: ['1'] }, { a: ['2'] }], { a: '3' })).toBe(false);
    expect(matchesAny([], {})).toBe(true);
  });
});

describe('for any value', () => {
  const text = fc.string();
  test('a string matches itself, its prefixes and suffixes, and never what excludes it', () => {
    fc.assert(
      fc.property(text, fc.nat(), (value, cut) => {
        const one = (matcher: unknown) => matches({ a: { S: [matcher] } }, { a: { S: value } });
        expect(one(value)).toBe(true);
        expect(one({ prefix: value.slice(0, cut) })).toBe(true);
        expect(one({ suffix: value.slice(cut) })).toBe(true);
        expect(one({ 'anything-but': value })).toBe(false);
        expect(one({ 'anything-but': { prefix: value.slice(0, cut) } })).toBe(false);
        expect(one({ exists: true })).toBe(true);
      }),
    );
  });

  test('anything-but is the opposite of the value where there is one', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), text, (unwanted, value) => {
        const event = { a: value };
        expect(matches({ a: [{ 'anything-but': unwanted }] }, event)).toBe(!matches({ a: unwanted }, event));
      }),
    );
  });

  test('a range holds exactly what lies in it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (from, to, value) => {
        const pattern = { a: [{ numeric: ['>=', from, '<', to] }] };
        expect(matches(pattern, { a: value })).toBe(from <= value && value < to);
      }),
    );
  });

  test('matching never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.jsonValue()), fc.jsonValue(), (pattern, event) => {
        expect(typeof matches(pattern, event)).toBe('boolean');
      }),
    );
  });
});

describe('a pattern that AWS would never match is refused, with the place', () => {
  const image = (leaf: unknown): EventPattern => ({ dynamodb: { NewImage: { day_index: leaf } } });
  test.each<[EventPattern, RegExp]>([
    [image({ N: [{ numeric: ['>', -1] }] }), /at dynamodb\.NewImage\.day_index\.N\.numeric: .*strings/],
    [image({ N: [5] }), /at dynamodb\.NewImage\.day_index\.N: 5 never matches.*strings/],
    [image({ N: [{ 'anything-but': [-1] }] }), /at dynamodb\.NewImage\.day_index\.N\.anything-but: -1 never/],
    [image({ N: '5' }), /at dynamodb\.NewImage\.day_index\.N: "5" must stand in a list/],
    [image(['5']), /at dynamodb\.NewImage\.day_index: .*below its type/],
    [image({ X: ['5'] }), /at dynamodb\.NewImage\.day_index\.X: .*below its type/],
    [image({ N: [] }), /an empty list matches nothing/],
    [image({ N: [['5']] }), /a list within a list/],
    [image({ N: [null] }), /null never matches/],
    [image({ S: [true] }), /true never matches, for the value is a string/],
    [image({ BOOL: ['true'] }), /"true" never matches, for the value is a boolean/],
    [image({ BOOL: [{ prefix: 't' }] }), /the value is a boolean/],
    [image({ S: [{ wildcard: '*' }] }), /there is no operator "wildcard"/],
    [image({ S: [{}] }), /there is no operator ""/],
    [image({ S: [{ prefix: 'a', suffix: 'b' }] }), /an object of its own/],
    [image({ S: [{ exists: 'yes' }] }), /it takes true or false/],
    [image({ S: [{ prefix: 5 }] }), /it takes a string/],
    [image({ S: [{ 'anything-but': [] }] }), /excludes nothing/],
    [image({ S: [{ 'anything-but': { suffix: 'a' } }] }), /it takes values or/],
    [{ dynamodb: { SizeBytes: [{ numeric: ['>'] }] } }, /it takes a list such as/],
    [{ dynamodb: { SizeBytes: [{ numeric: ['!', 5] }] } }, /it takes a list such as/],
    [{ $or: [{ eventName: ['INSERT'] }] }, /at \$or: it takes a list of two/],
    [{ $or: [{ eventName: ['INSERT'] }, 'x'] }, /each alternative must be a pattern/],
    [{ $or: [{ eventName: ['INSERT'] }, image({ N: [1] })] }, /at dynamodb\.NewImage\.day_index\.N: 1 never/],
    [{}, /at its root: it is empty/],
    [{ dynamodb: {} }, /at dynamodb: it is empty/],
  ])('%j', (pattern, message) => {
    expect(() => assertMatchable(pattern)).toThrow(message);
    expect(() => assertMatchable(pattern)).toThrow(FilterPatternError);
  });

  test('and what it can match is taken', () => {
    assertMatchable({
      eventName: ['INSERT', { 'anything-but': ['REMOVE'] }],
      dynamodb: {
        SizeBytes: [{ numeric: ['>', 0, '<=', 10] }],
        NewImage: {
          a: { BOOL: [true] },
          m: { M: { x: { L: { N: ['1'] } } } },
          s: { S: [{ exists: false }] },
        },
        $or: [{ Keys: { sk: { S: [{ prefix: 'DAY#' }] } } }, { Keys: { sk: { S: ['STATE'] } } }],
      },
    });
  });
});
