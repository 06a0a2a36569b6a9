import { describe, expect, it } from 'vitest';
import { promLint } from '../support/promlint.ts';

describe('the rules of promtool', () => {
  const family = (name: string, type: string, samples: string) =>
    `# HELP ${name} It.\n# TYPE ${name} ${type}\n${samples}`;

  it.each([
    [family('requests', 'counter', 'requests 1\n'), '_total'],
    [family('requests_total', 'gauge', 'requests_total 1\n'), '_total'],
    [family('open_count', 'gauge', 'open_count 1\n'), 'reserved'],
    [family('age_days', 'gauge', 'age_days 1\n'), 'base unit'],
    [family('age_milliseconds', 'gauge', 'age_milliseconds 1\n'), 'base unit'],
    [family('age_ms', 'gauge', 'age_ms 1\n'), 'abbreviated'],
    [family('openFiles', 'gauge', 'openFiles 1\n'), 'snake_case'],
    [family('some_gauge', 'gauge', 'some_gauge 1\n'), 'type'],
    [family('a', 'gauge', 'a{x="1"} 1\na{x="1"} 2\n'), 'twice'],
    [family('a', 'gauge', 'a 1\n').repeat(2), 'twice'],
    [family('a', 'gauge', 'a{le="1"} 1\n'), 'le'],
    [
      family('a', 'histogram', 'a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'),
      'cumulative',
    ],
  ])('find what is wrong in %j', (text, problem) => {
    expect(promLint(text)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    'a 1\n',
    '# TYPE a gauge\na 1\n',
    family('a', 'gauge', 'a x\n'),
    family('a', 'gauge', 'b 1\n'),
    family('a', 'gauge', 'a 1'),
    family('a', 'gauge', 'a{x="\\q"} 1\n'),
  ])('do not take %j for a text of metrics', (text) => {
    expect(() => promLint(text)).toThrow();
  });
});
