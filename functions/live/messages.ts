import type { StoredSale } from '../../shared/sales/stored-sale.ts';
import type { SimulationStatus } from '../../shared/simulation/status.ts';

/** Data of an unnamed message of the stream. */
export type SaleMessage = StoredSale;

/** Data of a `status` message. */
export type StatusMessage = SimulationStatus;
