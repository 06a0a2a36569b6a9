import { HttpProblem } from '../../shared/api/errors.ts';
import { MAX_PAIRS } from '../../shared/api/forecast-models.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** Counts the data set's products in stores, those in one store, or the stores of one product; not further than a limit. */
export type CountPairs = (
  limit: number,
  of?: { readonly storeId?: string | undefined; readonly productId?: string | undefined },
) => Promise<number>;

/** Skips through the index `by_product`, with one entry read for each pair. */
const PAIRS =
  'SELECT COUNT(*) AS pairs FROM (SELECT 1 FROM sales_facts GROUP BY product_id, store_id LIMIT ?) known';

/** Values: the store, the limit. The table of products is short, and each of its rows asks for one entry of `by_product`. */
const PAIRS_OF_STORE = `
  SELECT COUNT(*) AS pairs
    FROM (SELECT 1
            FROM products p
           WHERE EXISTS (SELECT 1 FROM sales_facts f WHERE f.product_id = p.product_id AND f.store_id = ?)
           LIMIT ?) known`;

/** Values: the product, the limit. */
const PAIRS_OF_PRODUCT = `
  SELECT COUNT(*) AS pairs FROM (SELECT 1 FROM sales_facts WHERE product_id = ? GROUP BY store_id LIMIT ?) known`;

/** Counts in the newest data set. */
export function pairCounter(pool: Pool): CountPairs {
  return async (limit, { storeId, productId } = {}) => {
    const [row] =
      productId !== undefined
        ? await select<{ pairs: number }>(pool, PAIRS_OF_PRODUCT, [productId, limit])
        : storeId !== undefined
          ? await select<{ pairs: number }>(pool, PAIRS_OF_STORE, [storeId, limit])
          : await select<{ pairs: number }>(pool, PAIRS, [limit]);
    return Number(row?.pairs);
  };
}

/**
 * Each pair is a forecast of its own, about 15 ms of processor time, and an answer must come within the 29 s of API Gateway.
 *
 * @param pairs Counted up to at least one beyond the limit.
 * @param remedy What to ask instead.
 * @throws HttpProblem `invalid_request` if there are too many.
 */
export function requireFewPairs(pairs: number, field: string, remedy: string): void {
  if (pairs <= MAX_PAIRS) return;
  const message = `covers more than ${MAX_PAIRS} products in stores, which is the most for one request. ${remedy}`;
  throw new HttpProblem('invalid_request', `${field}: ${message}`, { fields: [{ field, message }] });
}
