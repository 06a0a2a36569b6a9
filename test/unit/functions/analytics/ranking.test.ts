import { describe, expect, it } from 'vitest';
import { rank, rankingDates } from '../../../../functions/analytics/ranking.ts';

/** Consecutive days. */
function daysFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, day) =>
    new Date(Date.parse(first) + day * 86_400_000).toISOString().slice(0, 10),
  );
}

describe('the dates of a ranking', () => {
  it('the usual of a day is the same weekday in the four weeks before, and its trend is all of them', () => {
    const { usualOf, trend } = rankingDates(daysFrom('2022-01-01', 100), '2022-03-01');
    expect(usualOf).toEqual(['2022-02-01', '2022-02-08', '2022-02-15', '2022-02-22']);
    expect(trend).toEqual(daysFrom('2022-02-01', 29));
  });

  it('dates on which the data set has no sales are left out', () => {
    const { usualOf, trend } = rankingDates(
      ['2021-12-01', '2022-01-04', '2022-01-08', '2022-01-20', '2022-02-01', '2022-02-02'],
      '2022-02-01',
    );
    expect(usualOf).toEqual(['2022-01-04']);
    expect(trend).toEqual(['2022-01-04', '2022-01-08', '2022-01-20', '2022-02-01']);
  });

  it('the first day has no usual', () => {
    expect(rankingDates(['2022-01-01'], '2022-01-01')).toEqual({ usualOf: [], trend: ['2022-01-01'] });
  });
});

describe('a ranking', () => {
  const totals = { id: 'S001', net_cents: 12_050, units: 7, before_cents: 20_001, stock_outs: 1 };
  const trend = ['2022-01-01', '2022-01-08', '2022-01-15'];

  it('a ranked store has its day, its usual and its trend, zero where it sold nothing', () => {
    const points = [
      { id: 'S001', date: '2022-01-15', net_cents: 12_050 },
      { id: 'S001', date: '2022-01-08', net_cents: 20_001 },
    ];
    expect(rank([totals], points, { usualOf: trend.slice(0, 2), trend })).toEqual([
      {
        id: 'S001',
        net_revenue: 120.5,
        units: 7,
        usual_net_revenue: 100.01,
        change_pct: 20.5,
        stock_outs: 1,
        trend: [0, 200.01, 120.5],
      },
    ]);
  });

  it.each([
    ['of fewer than two weeks is unknown', totals, ['2022-01-08'], null, null],
    ['of nothing allows no change in percent', { ...totals, before_cents: 0 }, trend.slice(0, 2), 0, null],
  ])('a usual %s', (_, total, usualOf, usual, change) => {
    expect(rank([total], [], { usualOf, trend })).toMatchObject([
      { usual_net_revenue: usual, change_pct: change },
    ]);
  });
});
