import { expect } from 'vitest';
import {
  type Codec,
  sendCompressed,
  sendUndecodable,
} from '../../infra/lambda-host/test/support/foreign-batches.ts';
import { kafkaSettingsOf } from '../../infra/local/environment.ts';
import { kafkaClient } from '../../shared/kafka/client.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import type { RunningSystem } from '../support/system.ts';
import { type LoggedBatch, readTopicLog } from './topic-log.ts';

/** A batch that some other program writes to the topic. */
export interface ForeignBatch {
  readonly codec: Codec;
  readonly messages: number;
  /** Kafka takes it, but it can't be decoded. Otherwise only its messages can't be read. */
  readonly undecodable: boolean;
}

/** Batches from elsewhere in the topic: each of their messages must become one dead letter, and nothing else may. */
export interface ForeignBatches {
  /** Sends one. If that fails it may have arrived nevertheless, so it may be sent again. */
  send(batch: ForeignBatch): Promise<void>;
  /** The foreign batches that the topic holds, in the order in which they were sent. */
  sent(): Promise<LoggedBatch[]>;
  /** From now on a batch that was sent as readable counts as undecodable, because it was damaged. */
  markDamaged(batch: LoggedBatch): void;
  /** Compares the dead letters in MySQL with the topic's log. @returns how many there are. */
  compare(pool: Pool): Promise<number>;
}

/** Sales are never that old, so the time of its first message marks a foreign batch whatever becomes of its content. */
const OLDER_BY_MS = 3_600_000;

export function openForeignBatches(
  { addresses, names }: RunningSystem,
  kafkaDirectory: string,
): ForeignBatches {
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'foreign', createLogger('foreign'));
  const base = Date.now() - OLDER_BY_MS;
  /** By the time of the batch's first message. */
  const isUndecodable = new Map<number, boolean>();

  async function send({ codec, messages, undecodable }: ForeignBatch): Promise<void> {
    const timestamp = base + isUndecodable.size;
    isUndecodable.set(timestamp, undecodable);
    const batch = Array.from({ length: messages }, (_, index) => ({
      key: `foreign ${timestamp}`,
      value: `no sale ${index}`,
      timestamp: String(timestamp),
    }));
    if (undecodable) await sendUndecodable(kafka, names.topic, batch);
    else await sendCompressed(kafka, names.topic, codec, batch);
  }

  async function sent(): Promise<LoggedBatch[]> {
    const batches = await readTopicLog(kafkaDirectory, names.topic);
    return batches
      .filter(({ firstTimestamp }) => isUndecodable.has(firstTimestamp))
      .toSorted((a, b) => a.firstTimestamp - b.firstTimestamp);
  }

  return {
    send,
    sent,
    markDamaged: ({ firstTimestamp }) => void isUndecodable.set(firstTimestamp, true),
    async compare(pool) {
      const expected = (await sent()).flatMap(({ partition, baseOffset, lastOffset, firstTimestamp }) =>
        Array.from({ length: lastOffset - baseOffset + 1 }, (_, index) =>
          letter(partition, baseOffset + index, isUndecodable.get(firstTimestamp) === true),
        ),
      );
      const sql =
        'SELECT partition_id AS `partition`, message_offset AS `offset`, undecodable FROM dead_letters WHERE topic = ?';
      const rows = await select<{ partition: number; offset: number; undecodable: number }>(pool, sql, [
        names.topic,
      ]);
      const found = rows.map((row) => letter(row.partition, row.offset, row.undecodable === 1));
      expect(found.toSorted(), 'dead letters').toEqual(expected.toSorted());
      return found.length;
    },
  };
}

function letter(partition: number, offset: number, undecodable: boolean): string {
  return `${partition}-${offset}${undecodable ? ' undecodable' : ''}`;
}
