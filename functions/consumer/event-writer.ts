import type { SaleEvent } from '../../shared/api/sales.ts';
import type { Pool, ResultSetHeader, RowDataPacket } from '../../shared/mysql/connection.ts';

/**
 * Writes batches of events to `kafka_events`.
 *
 * Ids must become visible in ascending order, because readers continue after the last id they saw. An auto-increment id is
 * assigned at the insert but becomes visible at the commit, so of two concurrent writers the one with the greater ids could
 * commit first. Writers therefore serialise on a lock row: lock, insert, commit. All statements are sent in one round trip, so
 * a writer that freezes between two of them doesn't hold the lock (docs/decisions).
 */

/** Session settings of a writing pool: a writer that is cut off in a transaction releases the lock soon. */
export const WRITER_SESSION = { wait_timeout: 30, innodb_lock_wait_timeout: 15 } as const;

/** Time for a batch, including the wait for the lock, before its connection is destroyed. */
const BATCH_TIMEOUT_MS = 20_000;

/** An event with the trace of the click that caused it. */
export interface TracedEvent {
  readonly event: SaleEvent;
  /** 32 hex digits, or null. */
  readonly traceId: string | null;
}

/** A message that can't be stored as a sale, with the reason. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly reason: string;
  /** Whether its batch could not be decoded: then the first message has the batch's bytes as its value. */
  readonly undecodable: boolean;
}

export interface Batch {
  readonly events: readonly TracedEvent[];
  readonly deadLetters: readonly DeadLetter[];
}

/** The contents of `kafka_events` after the commit, for the runs and days that were counted. */
export interface Stored {
  /** Rows that this batch added. */
  readonly inserted: number;
  readonly days: readonly { readonly runId: string; readonly dayIndex: number; readonly received: number }[];
  /** Greatest id of each run. */
  readonly heads: readonly { readonly runId: string; readonly headId: number }[];
}

/** A statement with its values. */
export type Statement = readonly [sql: string, values: readonly unknown[]];

/**
 * Stores a batch in one transaction. Rows that are already stored are not changed.
 *
 * @param pool Opened with `multipleStatements` and {@link WRITER_SESSION}.
 * @param counted The events whose runs and days are counted after the commit.
 * @throws the server's error or a timeout; then the batch is stored completely or not at all.
 */
export async function storeBatch(pool: Pool, batch: Batch, counted = batch.events): Promise<Stored> {
  const statements = [...transaction(batch), ...countsAfter(counted)];
  const results = await runTogether(pool, statements);
  return summarize(batch, counted, results);
}

/** The statements of a batch's transaction, in order. */
export function transaction({ events, deadLetters }: Batch): Statement[] {
  return [
    ['START TRANSACTION', []],
    LOCK,
    ...(events.length > 0 ? [insertEvents(events)] : []),
    ...(deadLetters.length > 0 ? [insertDeadLetters(deadLetters)] : []),
    ['COMMIT', []],
  ];
}

/** Waits until no other writer is between its insert and its commit. */
export const LOCK: Statement = ["SELECT name FROM writer_lock WHERE name = 'kafka_events' FOR UPDATE", []];

const EVENT_COLUMNS =
  'event_id, run_id, day_index, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, ' +
  'category, region, day_total, trace_id';

// Not INSERT IGNORE, which would also accept a value that doesn't fit. Nor `id = id`: MySQL refuses to assign a generated id
// to a row that the same statement inserted (error 1869), so a duplicate event in one batch would block its partition permanently.
function insertEvents(events: readonly TracedEvent[]): Statement {
  const rows = events.map(({ event, traceId }) => [
    event.event_id,
    event.run_id,
    event.day_index,
    event.store_id,
    event.product_id,
    event.date,
    event.units_sold,
    event.price,
    event.discount,
    event.is_holiday_promo,
    event.weather,
    event.category,
    event.region,
    event.day_total,
    traceId,
  ]);
  return [
    `INSERT INTO kafka_events (${EVENT_COLUMNS}) VALUES ? ON DUPLICATE KEY UPDATE event_id = event_id`,
    [rows],
  ];
}

const DEAD_LETTER_COLUMNS =
  'topic, partition_id, message_offset, message_key, message_value, reason, undecodable';
const REASON_LENGTH = 1_000;

function insertDeadLetters(letters: readonly DeadLetter[]): Statement {
  const rows = letters.map((letter) => [
    letter.topic,
    letter.partition,
    letter.offset,
    letter.key,
    letter.value,
    letter.reason.slice(0, REASON_LENGTH),
    letter.undecodable ? 1 : 0,
  ]);
  return [
    `INSERT INTO dead_letters (${DEAD_LETTER_COLUMNS}) VALUES ? ON DUPLICATE KEY UPDATE topic = topic`,
    [rows],
  ];
}

/** Counts days and reads heads after the commit, both from covering indexes. */
function countsAfter(events: readonly TracedEvent[]): Statement[] {
  const runs = [...touchedDays(events)];
  if (runs.length === 0) return [];
  const ofRun = runs.map(() => '(run_id = ? AND day_index IN (?))').join(' OR ');
  return [
    [
      `SELECT run_id, day_index, COUNT(*) AS received FROM kafka_events WHERE ${ofRun} GROUP BY run_id, day_index`,
      runs.flatMap(([runId, days]) => [runId, [...days]]),
    ],
    [
      'SELECT run_id, MAX(id) AS head_id FROM kafka_events WHERE run_id IN (?) GROUP BY run_id',
      [runs.map(([runId]) => runId)],
    ],
  ];
}

function touchedDays(events: readonly TracedEvent[]): Map<string, Set<number>> {
  const runs = new Map<string, Set<number>>();
  for (const { event } of events) {
    const days = runs.get(event.run_id) ?? new Set();
    runs.set(event.run_id, days.add(event.day_index));
  }
  return runs;
}

type Result = ResultSetHeader | RowDataPacket[];

/** Sends all statements as one text. @returns one result per statement. */
async function runTogether(pool: Pool, statements: readonly Statement[]): Promise<Result[]> {
  const sql = statements.map(([text]) => text).join(';\n');
  const values = statements.flatMap(([, own]) => [...own]);
  const connection = await pool.getConnection();
  try {
    const [results] = await connection.query<ResultSetHeader[]>({ sql, values, timeout: BATCH_TIMEOUT_MS });
    connection.release();
    return results;
  } catch (error) {
    // The transaction may still be open: closing the connection rolls it back and releases the lock.
    connection.destroy();
    throw error;
  }
}

function summarize(batch: Batch, counted: readonly TracedEvent[], results: readonly Result[]): Stored {
  const insert = results[2];
  const [counts, heads] = counted.length > 0 ? results.slice(-2) : [];
  return {
    inserted: batch.events.length > 0 && insert && 'affectedRows' in insert ? insert.affectedRows : 0,
    days: rows(counts).map((row) => ({
      runId: row.run_id,
      dayIndex: row.day_index,
      received: row.received,
    })),
    heads: rows(heads).map((row) => ({ runId: row.run_id, headId: row.head_id })),
  };
}

function rows(result: Result | undefined): RowDataPacket[] {
  return Array.isArray(result) ? result : [];
}
