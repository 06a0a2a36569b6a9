import type { SaleEvent } from '../../shared/api/sales.ts';
import { saleEventId } from '../../shared/publication/sale-events.ts';

/** A valid sale with its derived id; any field can be overridden. */
export function saleEvent(fields: Partial<SaleEvent> = {}): SaleEvent {
  const sale = {
    run_id: '11111111-1111-4111-8111-111111111111',
    day_index: 0,
    date: '2022-01-01',
    store_id: 'S001',
    product_id: 'P0001',
    units_sold: 127,
    price: 33.5,
    discount: 20,
    is_holiday_promo: 0 as const,
    weather: 'Rainy',
    category: 'Groceries',
    region: 'North',
    day_total: 100,
    ...fields,
  };
  return { event_id: saleEventId(sale), ...sale };
}
