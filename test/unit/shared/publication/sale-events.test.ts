import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saleEventId } from '../../../../shared/publication/sale-events.ts';

const sale = { run_id: 'run', date: '2022-01-01', store_id: 'S001', product_id: 'P0001' };

describe('the id of a sale', () => {
  it('the id of a sale is a version 5 UUID that never changes', () => {
    expect(saleEventId(sale)).toBe('e25039f6-4893-5b33-b8f3-96b72e1a42ee');
    expect(saleEventId(sale)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('the id of a sale depends on its run, date, store and product', () => {
    const part = fc.stringMatching(/^[!-~]{1,6}$/);
    const identity = fc.record({ run_id: part, date: part, store_id: part, product_id: part });
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(saleEventId(a) === saleEventId(b)).toBe(same);
      }),
    );
  });

  it('the id of a sale is unambiguous at the boundaries of its parts', () => {
    expect(saleEventId({ ...sale, store_id: 'S1', product_id: '2P' })).not.toBe(
      saleEventId({ ...sale, store_id: 'S12', product_id: 'P' }),
    );
  });
});
