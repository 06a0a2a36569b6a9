import { v5 as uuidV5 } from 'uuid';

/** Namespace of this system's event ids, made once with UUIDv4. Changing it would double every stored sale. */
const SALES_NAMESPACE = '6f0d1f0e-5b1c-4c8e-9a53-0c2f7f1f6a9b';

/** What makes a sale the same sale, however often it is sent. */
export interface SaleIdentity {
  readonly run_id: string;
  readonly date: string;
  readonly store_id: string;
  readonly product_id: string;
}

/**
 * The id of a sale's event: a UUIDv5 (RFC 9562, section 5.5) of run, date, store and product, so that the same sale
 * published twice is the same event. The parts are joined by a character that none of them may contain.
 */
export function saleEventId(sale: SaleIdentity): string {
  return uuidV5([sale.run_id, sale.date, sale.store_id, sale.product_id].join('\u001f'), SALES_NAMESPACE);
}
