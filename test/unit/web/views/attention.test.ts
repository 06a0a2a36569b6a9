import { describe, expect, test } from 'vitest';
import type { Order } from '../../../../web/answers.ts';
import { mostSevere, newestFirst, reasonOf } from '../../../../web/views/attention.tsx';

describe('what needs attention', () => {
  test('the newest day comes first, and within a day the most severe', () => {
    const insights = [
      { kind: 'stock_out', day: 405 },
      { kind: 'low_cover', day: 411 },
      { kind: 'anomaly', day: 409 },
      { kind: 'undercut', day: 411 },
    ] as const;
    expect(newestFirst(mostSevere(insights, 8)).map(({ kind, day }) => `${day} ${kind}`)).toEqual([
      '411 low_cover',
      '411 undercut',
      '409 anomaly',
      '405 stock_out',
    ]);
  });

  test('a small order beside little stock is explained by what is on order already', () => {
    const order: Order = {
      store_id: 'S004',
      product_id: 'P0001',
      order_quantity: 9,
      order_up_to: 202,
      safety_stock: 59.8,
      expected_demand: 142.2,
      expected_shortage: 0.6,
      fill_rate: 0.99,
      inventory_position: 193,
      on_hand: 30,
      on_order: 163,
      expected_cost: null,
      model: 'combination',
      history_days_used: 411,
    };
    const low = {
      kind: 'low_cover',
      reason: '30 units are left; the next 3 days usually sell 134.',
    } as const;
    expect(reasonOf(low, null, false)).toBe(low.reason);
    expect(reasonOf(low, order, false)).toBe('30 on hand, 163 on order; 142 expected in 3 days.');
    const out = { kind: 'stock_out', reason: 'Sold out at 33 units.' } as const;
    expect(reasonOf(out, order, false)).toBe('Sold out at 33 units. 163 on order.');
    expect(reasonOf(out, order, true)).toBe('Sold out at 33 units. 163 on order now.');
    expect(reasonOf(low, order, true)).toBe(`${low.reason} 163 on order now.`);
  });
});
