import { describe, expect, it } from 'vitest';
import { type DayFindings, insightsOfDay } from '../../../../functions/analytics/insights.ts';

const DAY = { day: 410, date: '2023-02-14' };
const NOTHING: DayFindings = { stockOuts: [], lowCover: [], undercut: [], revenue: [] };
const ROW = {
  store_id: 'S 1',
  product_id: 'P&7',
  units: 98,
  usual: 112.3,
  left: 0,
  net_price: 20,
  competitor: 25,
};

/** The net revenue of the day and of the four same weekdays before, in cents. */
function revenue(today: number, ...before: number[]) {
  const dates = ['2023-02-07', '2023-01-31', '2023-01-24', '2023-01-17'];
  return [
    ...before.map((net_cents, index) => ({ date: dates[index] ?? '', net_cents })),
    { date: DAY.date, net_cents: today },
  ];
}

describe('insights of a day', () => {
  it('a sold-out row tells the units that it could have sold beyond its stock', () => {
    const [insight] = insightsOfDay({ ...NOTHING, stockOuts: [ROW] }, DAY);
    expect(insight).toEqual({
      kind: 'stock_out',
      severity: 'high',
      store_id: 'S 1',
      product_id: 'P&7',
      value: 14.3,
      unit: 'units',
      reason: 'Sold out at 98 units, about 14.3 lost.',
      link: '/stream/live?day=410&tab=replenishment&store_id=S+1&product_id=P%267',
    });
  });

  it.each([null, 97])('a sold-out row lost nothing if the weekday usually sells %s', (usual) => {
    const [insight] = insightsOfDay({ ...NOTHING, stockOuts: [{ ...ROW, usual }] }, DAY);
    expect(insight).toMatchObject({ value: 0, reason: 'Sold out at 98 units.' });
  });

  it('low cover is what is left by what the next day usually sells', () => {
    const [insight] = insightsOfDay({ ...NOTHING, lowCover: [{ ...ROW, left: 31, usual: 103 }] }, DAY);
    expect(insight).toMatchObject({
      kind: 'low_cover',
      value: 0.3,
      unit: 'days',
      reason: '31 units are left; the next day usually sells 103.',
    });
  });

  it('cover of several days is low where it lasts the next one, and names what they sell', () => {
    const rows = [
      { ...ROW, left: 50, usual: 100 },
      { ...ROW, left: 210, usual: 100 },
    ];
    const insights = insightsOfDay({ ...NOTHING, lowCover: rows }, { ...DAY, ahead: 3 });
    expect(insights).toMatchObject([
      { severity: 'medium', value: 0.5, reason: '50 units are left; the next 3 days usually sell 300.' },
      { severity: 'low', value: 2.1, reason: '210 units are left; the next 3 days usually sell 300.' },
    ]);
  });

  it('an undercut row names both prices and the difference', () => {
    const [insight] = insightsOfDay({ ...NOTHING, undercut: [{ ...ROW, competitor: 18.5 }] }, DAY);
    expect(insight).toMatchObject({
      kind: 'undercut',
      severity: 'low',
      value: 7.5,
      reason: 'A competitor asks 18.50, 7.5 % below our net 20.00.',
    });
  });

  it.each([
    [141, 41, 'Net revenue is 41 % above the last 4 Tuesdays.'],
    [74, -26, 'Net revenue is 26 % below the last 4 Tuesdays.'],
  ])('a day at %d % of the usual is an anomaly', (today, value, reason) => {
    const insights = insightsOfDay({ ...NOTHING, revenue: revenue(today, 90, 110, 80, 120) }, DAY);
    expect(insights).toMatchObject([{ kind: 'anomaly', store_id: null, product_id: null, value, reason }]);
  });

  it.each([
    ['exactly 25 % off the usual', revenue(125, 100, 100, 100, 100)],
    ['with three known weeks before it', revenue(200, 100, 100, 100)],
    ['after weeks without sales', revenue(200, 0, 0, 0, 0)],
    ['without sales of its own', revenue(0, 100, 100, 100, 100).slice(0, 4)],
  ])('a day %s is no anomaly', (_, days) => {
    expect(insightsOfDay({ ...NOTHING, revenue: days }, DAY)).toEqual([]);
  });

  it('the most severe insights come first', () => {
    const findings = { stockOuts: [ROW], lowCover: [ROW], undercut: [{ ...ROW, competitor: 1 }] };
    const insights = insightsOfDay({ ...findings, revenue: revenue(200, 100, 100, 100, 100) }, DAY);
    expect(insights.map(({ kind }) => kind)).toEqual(['stock_out', 'low_cover', 'anomaly', 'undercut']);
  });
});
