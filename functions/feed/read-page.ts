import type { FeedPage, FeedRequest } from '../../shared/api/feed.ts';
import { type StoredSale, toStoredSale } from '../../shared/api/sale.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { pageQuery } from './page-query.ts';

/** Reads the page of events that a request asks for, in one query. */
export async function readPage(pool: Pool, request: FeedRequest): Promise<FeedPage> {
  const { sql, values } = pageQuery(request);
  return toPage(request, await select<StoredSale>(pool, sql, values));
}

/** Makes the answer of the selected rows; takes the row that proves a resumed position off again. */
export function toPage({ position }: FeedRequest, rows: readonly StoredSale[]): FeedPage {
  if (position.kind !== 'resume') return { known: true, events: rows.map(toStoredSale) };
  if (rows[0]?.id !== position.id) return { known: false, events: [] };
  return { known: true, events: rows.slice(1).map(toStoredSale) };
}
