import { isoTime } from '../../shared/api/sale.ts';
import { MIN_HISTORY_DAYS, type RecentSale, recentSaleSchema } from '../../shared/api/sales.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

const COLUMNS = Object.keys(recentSaleSchema.shape).join(', ');

/**
 * Values: run id, limit. Reads the index `run_position` backwards. Unless forced, MySQL (8.4, 9.7) scans the primary key,
 * with the rows of all runs.
 */
export const RECENT_SALES = `
  SELECT ${COLUMNS}
    FROM kafka_events FORCE INDEX (run_position)
   WHERE run_id = ?
   ORDER BY id DESC
   LIMIT ?`;

/** The latest stored sales of a run, newest first. */
export async function selectRecentSales(pool: Pool, runId: string, limit: number): Promise<RecentSale[]> {
  const rows = await select<RecentSale>(pool, RECENT_SALES, [runId, limit]);
  return rows.map((row) => ({ ...row, received_at: isoTime(row.received_at) }));
}

/** A store and product, and how many days of history they have. */
export interface Combo {
  readonly store_id: string;
  readonly product_id: string;
  readonly days: number;
}

/** Value: minimum number of days. Sorted like the index `by_product`, so that the first match ends the scan. */
export const FIRST_COMBO = `
  SELECT store_id, product_id, COUNT(*) AS days
    FROM sales_facts
   GROUP BY product_id, store_id
  HAVING COUNT(*) >= ?
   ORDER BY product_id, store_id
   LIMIT 1`;

/** The first product and store with enough history; null if there is none. */
export async function selectValidCombo(pool: Pool): Promise<Combo | null> {
  const [combo] = await select<Combo>(pool, FIRST_COMBO, [MIN_HISTORY_DAYS]);
  return combo ?? null;
}
