import type { StoredSale } from '../../shared/api/sale.ts';
import type { SimulationStatus } from '../../shared/simulation/status.ts';
import { sseComment, sseMessage, sseRetry } from './sse.ts';

/** The messages of this stream. A sale's comes unnamed, and alone carries an id: it is where a viewer resumes. */
export function saleFrame(sale: StoredSale): string {
  return sseMessage({
    id: sale.id,
    data: JSON.stringify({
      id: sale.id,
      store_id: sale.store_id,
      product_id: sale.product_id,
      date: sale.date,
      units_sold: sale.units_sold,
      price: sale.price,
      discount: sale.discount,
      is_holiday_promo: sale.is_holiday_promo,
      weather: sale.weather,
      received_at: sale.received_at,
      day_total: sale.day_total,
      day_index: sale.day_index,
      category: sale.category,
      region: sale.region,
    }),
  });
}

export function statusFrame(status: SimulationStatus): Buffer {
  return Buffer.from(sseMessage({ event: 'status', data: JSON.stringify(status) }));
}

/** A new run begins, or this viewer begins the current one anew: what it has seen so far no longer counts. */
export const RESET_FRAME = Buffer.from(sseMessage({ event: 'reset', data: '{}' }));

export const HEARTBEAT_FRAME = Buffer.from(sseComment('still here'));

export function retryFrame(ms: number): Buffer {
  return Buffer.from(sseRetry(ms));
}
