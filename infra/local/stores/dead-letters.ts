import type { BatchProducer } from '../../../shared/kafka/producer.ts';
import { type Pool, type ResultSetHeader, select } from '../../../shared/mysql/connection.ts';

/** A message that could not be parsed as a sale. */
export interface KeptDeadLetter {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly reason: string;
  /** 1 if its batch could not be decoded: there is nothing to replay. */
  readonly undecodable: 0 | 1;
  /** UTC, as MySQL writes times. */
  readonly receivedAt: string;
  readonly replayedAt: string | null;
  readonly dismissedAt: string | null;
}

/** Selects one dead letter by its id, or all that have been neither replayed nor dismissed. */
export type Selection = { readonly id: number } | 'waiting';

const COLUMNS =
  'id, topic, partition_id AS `partition`, message_offset AS `offset`, message_key AS `key`, message_value AS value, ' +
  'reason, undecodable, received_at AS receivedAt, replayed_at AS replayedAt, dismissed_at AS dismissedAt';

const WAITING = 'replayed_at IS NULL AND dismissed_at IS NULL';

/** Returns dead letters, oldest first. `replayable` are those that wait and could be decoded. */
export async function listDeadLetters(
  pool: Pool,
  selection: Selection | 'replayable',
  limit: number,
): Promise<KeptDeadLetter[]> {
  if (selection === 'waiting' || selection === 'replayable') {
    const condition = selection === 'waiting' ? WAITING : `${WAITING} AND undecodable = 0`;
    const sql = `SELECT ${COLUMNS} FROM dead_letters WHERE ${condition} ORDER BY id LIMIT ?`;
    return select<KeptDeadLetter>(pool, sql, [limit]);
  }
  return select<KeptDeadLetter>(pool, `SELECT ${COLUMNS} FROM dead_letters WHERE id = ?`, [selection.id]);
}

/** How many dead letters wait that can't be replayed as they are. */
export async function countUndecodable(pool: Pool): Promise<number> {
  const sql = `SELECT COUNT(*) AS count FROM dead_letters WHERE ${WAITING} AND undecodable = 1`;
  const [row] = await select<{ count: number }>(pool, sql);
  return Number(row?.count ?? 0);
}

/**
 * Sends a dead letter to its topic again, unchanged or with a corrected value, and marks it. If the mark is lost it is
 * sent once more; the consumer stores each event once. If it still can't be parsed it becomes another dead letter.
 */
export async function replayDeadLetter(
  pool: Pool,
  producer: Pick<BatchProducer, 'send'>,
  letter: KeptDeadLetter,
  correctedValue?: string,
): Promise<void> {
  await producer.send(letter.topic, [{ key: letter.key, value: correctedValue ?? letter.value }]);
  await pool.query('UPDATE dead_letters SET replayed_at = CURRENT_TIMESTAMP(3) WHERE id = ?', [letter.id]);
}

const DISMISS = `UPDATE dead_letters SET dismissed_at = CURRENT_TIMESTAMP(3) WHERE ${WAITING}`;

/** Marks dead letters as settled without a replay: one, or all undecodable ones that wait. @returns how many there were. */
export async function dismissDeadLetters(pool: Pool, selection: Selection): Promise<number> {
  const [{ affectedRows }] =
    selection === 'waiting'
      ? await pool.query<ResultSetHeader>(`${DISMISS} AND undecodable = 1`)
      : await pool.query<ResultSetHeader>(`${DISMISS} AND id = ?`, [selection.id]);
  return affectedRows;
}
