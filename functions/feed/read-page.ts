import type { FeedPage, FeedRequest } from '../../shared/api/live.ts';
import { STORED_SALE_COLUMNS, type StoredSale, toStoredSale } from '../../shared/api/sales.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** Reads the requested page of events. */
export async function readPage(pool: Pool, request: FeedRequest): Promise<FeedPage> {
  const queries = pageQueries(request).map(({ sql, values }) => select<StoredSale>(pool, sql, values));
  const rows = (await Promise.all(queries)).flat();
  return toPage(request, queries.length > 1 ? firstById(rows, request.limit) : rows);
}

function firstById(rows: readonly StoredSale[], limit: number): StoredSale[] {
  return rows.toSorted((one, other) => one.id - other.id).slice(0, limit);
}

/** Converts the selected rows to a page, without the row that confirms a resumed position. */
export function toPage({ position }: FeedRequest, rows: readonly StoredSale[]): FeedPage {
  if (position.kind !== 'resume') return { known: true, events: rows.map(toStoredSale) };
  if (rows[0]?.id !== position.id) return { known: false, events: [] };
  return { known: true, events: rows.slice(1).map(toStoredSale) };
}

/** A SELECT with its values. */
export interface SqlQuery {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/**
 * The queries for a request, whose rows together contain its page. Each reads a range of the index `run_position (run_id, id)`
 * or `run_day (run_id, day_index)`, whose entries end with the id. A page that resumes also selects the row that the viewer
 * claims to have received, whose presence proves that the run has it. A page of a day comes from two ranges, because a range over
 * several days isn't in the order of ids; the second is empty unless the caller's day is no longer the newest.
 * The index is forced because MySQL (8.4, 9.7) would rather walk the primary key, over the rows of all runs.
 */
export function pageQueries({ run_id, position, limit }: FeedRequest): SqlQuery[] {
  switch (position.kind) {
    case 'after':
      return [{ sql: rowsWhere('run_position', 'id > ?'), values: [run_id, position.id, limit] }];
    case 'resume':
      return [{ sql: rowsWhere('run_position', 'id >= ?'), values: [run_id, position.id, limit + 1] }];
    case 'day': {
      const values = [run_id, position.day_index, position.after, position.up_to, limit];
      return ['day_index = ?', 'day_index > ?'].map((days) => ({
        sql: rowsWhere('run_day', `${days} AND id > ? AND id <= ?`),
        values,
      }));
    }
  }
}

function rowsWhere(index: 'run_position' | 'run_day', condition: string): string {
  return `
    SELECT ${STORED_SALE_COLUMNS}
      FROM kafka_events FORCE INDEX (${index})
     WHERE run_id = ? AND ${condition}
     ORDER BY id
     LIMIT ?`;
}
