import type { FeedPage, FeedRequest } from '../../shared/api/feed.ts';
import { STORED_SALE_COLUMNS, type StoredSale, toStoredSale } from '../../shared/api/sale.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** Reads the requested page of events in one query. */
export async function readPage(pool: Pool, request: FeedRequest): Promise<FeedPage> {
  const { sql, values } = pageQuery(request);
  return toPage(request, await select<StoredSale>(pool, sql, values));
}

/** Converts the selected rows to a page, without the row that confirms a resumed position. */
export function toPage({ position }: FeedRequest, rows: readonly StoredSale[]): FeedPage {
  if (position.kind !== 'resume') return { known: true, events: rows.map(toStoredSale) };
  if (rows[0]?.id !== position.id) return { known: false, events: [] };
  return { known: true, events: rows.slice(1).map(toStoredSale) };
}

/** A SELECT with its values. */
export interface Query {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/**
 * The query for a request: a range of the index `run_position (run_id, id)`. A page that resumes also selects the row that the
 * viewer claims to have received, whose presence proves that the run has it.
 * The index is forced because MySQL (8.4, 9.7) would rather walk the primary key, over the rows of all runs.
 */
export function pageQuery({ run_id, position, limit }: FeedRequest): Query {
  switch (position.kind) {
    case 'after':
      return { sql: rowsWhere('id > ?'), values: [run_id, position.id, limit] };
    case 'resume':
      return { sql: rowsWhere('id >= ?'), values: [run_id, position.id, limit + 1] };
    case 'day':
      return { sql: rowsWhere(`id >= ${FIRST_OF_DAY}`), values: [run_id, run_id, position.day_index, limit] };
  }
}

/** Null for a day without events, so no id compares with it. Covered by the index `run_day`. */
const FIRST_OF_DAY = '(SELECT MIN(id) FROM kafka_events WHERE run_id = ? AND day_index = ?)';

function rowsWhere(from: string): string {
  return `
    SELECT ${STORED_SALE_COLUMNS}
      FROM kafka_events FORCE INDEX (run_position)
     WHERE run_id = ? AND ${from}
     ORDER BY id
     LIMIT ?`;
}
