import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { spreadCases } from '../../bench/backtest/intervals.ts';
import { checkedSeries } from '../../bench/backtest/package-series.ts';
import { christmasCases, ordinaryCases } from '../../bench/backtest/public-data.ts';

const year = Array.from({ length: 365 }, (_, day) => day);

describe('checkedSeries', () => {
  const printed = '{"stores":[[1,2],[3,4]]}';
  const sha256 = createHash('sha256').update(printed).digest('hex');

  it('series with the recorded checksum are those that the figures belong to, whatever white space follows', () => {
    expect(checkedSeries(`${printed}\n`, sha256)).toEqual({
      kinds: {
        stores: [
          [1, 2],
          [3, 4],
        ],
      },
      isRecorded: true,
    });
  });

  it('other series are read and reported as others', () => {
    expect(checkedSeries('{"stores":[[1,5]]}', sha256).isRecorded).toBe(false);
  });

  it('anything but series by kind is an error', () => {
    expect(() => checkedSeries('{"stores":[["1"]]}', sha256)).toThrow();
    expect(() => checkedSeries('Traceback', sha256)).toThrow(SyntaxError);
  });
});

describe('spreadCases', () => {
  it('histories are spread over the days of a series, long enough, with a fortnight after each', () => {
    for (const [index, count] of [
      [0, 3],
      [7, 9],
    ] as const) {
      const cases = spreadCases(year, index, 120, count);
      expect(new Set(cases.map(({ history }) => history.length)).size).toBe(count);
      for (const { history, future } of cases) {
        expect(history.length).toBeGreaterThanOrEqual(120);
        expect(future).toEqual(year.slice(history.length, history.length + 14));
        expect(future).toHaveLength(14);
      }
    }
  });

  it('another series has other histories', () => {
    const [first, second] = [0, 1].map((index) => spreadCases(year, index, 120, 3)[0]?.history.length);
    expect(first).not.toBe(second);
  });
});

describe('ordinaryCases', () => {
  it('no ordinary fortnight of a calendar year reaches into its Christmas fortnight', () => {
    const cases = ordinaryCases([year, year], 9, true);
    expect(cases).toHaveLength(18);
    expect(Math.max(...cases.flatMap(({ future }) => future))).toBeLessThan(350);
  });

  it('series of other lengths are judged up to their end', () => {
    const cases = ordinaryCases([year], 200, false);
    expect(Math.max(...cases.flatMap(({ future }) => future))).toBeGreaterThan(350);
  });
});

describe('christmasCases', () => {
  it('the Christmas fortnight follows the first 350 days of a calendar year', () => {
    const [only] = christmasCases([year]);
    expect(only?.history).toEqual(year.slice(0, 350));
    expect(only?.future).toEqual(year.slice(350, 364));
  });
});
