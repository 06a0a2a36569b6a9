import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type ConsumerDependencies, consume } from '../../../../functions/consumer/consume.ts';
import {
  type DeadLetter,
  LOCK,
  type Statement,
  storeBatch,
  type TracedEvent,
  transaction,
  WRITER_SESSION,
} from '../../../../functions/consumer/event-writer.ts';
import { type Pool, type RowDataPacket, select } from '../../../../shared/mysql/connection.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import { kafkaEventOf } from '../../../support/records.ts';
import { saleEvent } from '../../../support/sale-events.ts';
import { type FreshDatabase, freshDatabase } from '../../../support/stores.ts';

/** InnoDB refreshes its table of transactions only if it has not been read for 100 ms. */
const TRX_LOOK_MS = 150;

let database: FreshDatabase;
let writer: Pool;
let other: Pool;
let run: string;

beforeAll(async () => {
  database = await freshDatabase();
  writer = database.open({ connectionLimit: 1, multipleStatements: true, session: WRITER_SESSION });
  other = database.open({ connectionLimit: 3 });
});
afterAll(async () => {
  await Promise.all([writer.end(), other.end()]);
});
beforeEach(() => {
  run = randomUUID();
});

function sales(first: number, count: number, day_index = 0): TracedEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    event: saleEvent({
      run_id: run,
      day_index,
      date: `2022-01-0${day_index + 1}`,
      product_id: `P${first + index}`,
    }),
    traceId: 'a'.repeat(32),
  }));
}

function letter(offset: string): DeadLetter {
  return {
    topic: 'sales-events',
    partition: 1,
    offset,
    key: Buffer.from('k'),
    value: null,
    reason: 'r'.repeat(2_000),
    undecodable: false,
  };
}

async function storedProducts(afterId = 0): Promise<{ id: number; product_id: string }[]> {
  return select(other, 'SELECT id, product_id FROM kafka_events WHERE run_id = ? AND id > ? ORDER BY id', [
    run,
    afterId,
  ]);
}

describe('a batch', () => {
  it('a batch is stored once, however often it is delivered, and counted after the commit', async () => {
    const batch = { events: sales(0, 60), deadLetters: [] };
    const first = await storeBatch(writer, batch);
    expect(first).toMatchObject({ inserted: 60, days: [{ runId: run, dayIndex: 0, received: 60 }] });
    const again = await storeBatch(writer, { events: sales(0, 80), deadLetters: [] });
    expect(again).toMatchObject({ inserted: 20, days: [{ received: 80 }] });
    const rows = await storedProducts();
    expect(rows).toHaveLength(80);
    expect(again.heads).toEqual([{ runId: run, headId: rows.at(-1)?.id }]);
  });

  it('a batch may contain the same event twice', async () => {
    const { inserted } = await storeBatch(writer, {
      events: [...sales(0, 3), ...sales(0, 3)],
      deadLetters: [],
    });
    expect(inserted).toBe(3);
  });

  it('a batch may contain the same unreadable message twice', async () => {
    await storeBatch(writer, { events: [], deadLetters: [letter('5'), letter('5'), letter('6')] });
    const sql = 'SELECT message_offset FROM dead_letters WHERE message_offset IN (5, 6) ORDER BY id';
    expect(await select(other, sql)).toEqual([{ message_offset: 5 }, { message_offset: 6 }]);
    await other.query('DELETE FROM dead_letters');
  });

  it('a batch may contain several runs and days, which are counted separately', async () => {
    const mine = run;
    const days = [...sales(0, 2, 0), ...sales(0, 3, 1)];
    run = randomUUID();
    const stored = await storeBatch(writer, { events: [...days, ...sales(0, 1, 0)], deadLetters: [] });
    expect(stored.days).toHaveLength(3);
    expect(stored.days).toContainEqual({ runId: mine, dayIndex: 1, received: 3 });
    expect(stored.heads).toHaveLength(2);
  });

  it('a batch may be counted with others, which were stored before it, or not at all', async () => {
    const events = sales(0, 5);
    const [early, late] = [events.slice(0, 3), events.slice(3)];
    const first = await storeBatch(writer, { events: early, deadLetters: [letter('3')] }, []);
    expect(first).toEqual({ inserted: 3, days: [], heads: [] });
    const counts = { days: [{ runId: run, dayIndex: 0, received: 5 }], heads: [{ runId: run }] };
    expect(await storeBatch(writer, { events: late, deadLetters: [] }, events)).toMatchObject({
      inserted: 2,
      ...counts,
    });
    const onlyLetters = await storeBatch(writer, { events: [], deadLetters: [letter('4')] }, events);
    expect(onlyLetters).toMatchObject({ inserted: 0, ...counts });
    await other.query('DELETE FROM dead_letters');
  });

  it('a backlog that breaks off after some of its transactions is stored once when it is delivered again', async () => {
    const events = sales(0, 2_500).map(({ event }) => ({ ...event, day_total: 2_500 }));
    const reported: unknown[] = [];
    let transactions = 0;
    const consumer: ConsumerDependencies = {
      storeBatch: async (batch, counted) => {
        transactions += 1;
        if (transactions === 3) throw new Error('broken off');
        return storeBatch(writer, batch, counted);
      },
      store: {
        raiseHead: async () => {},
        raiseDaysReceived: async (_, days) => {
          for (const { received } of days) reported.push(received);
        },
      },
      now: () => '2026-01-01T00:00:00.000Z',
      log: createLogger('test'),
    };
    const event = kafkaEventOf('sales-events', 0, events);
    await expect(consume(consumer, event)).rejects.toThrow('broken off');
    expect(await storedProducts()).toHaveLength(2_000);
    expect(reported).toEqual([]);
    await consume(consumer, event);
    expect((await storedProducts()).map(({ product_id }) => product_id)).toEqual(
      events.map(({ product_id }) => product_id),
    );
    expect(reported).toEqual([2_500]);
  });

  it('unreadable messages are stored once, beside the good ones of the batch', async () => {
    const batch = { events: sales(0, 1), deadLetters: [letter('7')] };
    await storeBatch(writer, batch);
    await storeBatch(writer, batch);
    await storeBatch(writer, { events: [], deadLetters: [letter('8')] });
    const letters = await select<RowDataPacket>(
      other,
      'SELECT message_offset, reason FROM dead_letters ORDER BY id',
    );
    expect(letters.map(({ message_offset }) => message_offset)).toEqual([7, 8]);
    expect(letters[0]?.reason).toHaveLength(1_000);
  });

  it('an unreadable message is stored even with the largest key that Kafka allows', async () => {
    const large = { ...letter('9'), key: Buffer.alloc(900_000, 'k') };
    await storeBatch(writer, { events: sales(0, 1), deadLetters: [large] });
    const sql = 'SELECT LENGTH(message_key) AS length FROM dead_letters WHERE message_offset = 9';
    expect(await select<{ length: number }>(other, sql)).toEqual([{ length: 900_000 }]);
  });

  it('a batch is stored completely or not at all', async () => {
    const broken = {
      event: { ...saleEvent({ run_id: run, product_id: 'P9' }), date: 'no date' },
      traceId: null,
    };
    await expect(storeBatch(writer, { events: [...sales(0, 3), broken], deadLetters: [] })).rejects.toThrow();
    expect(await storedProducts()).toEqual([]);
    await storeBatch(writer, { events: sales(0, 3), deadLetters: [] });
    expect(await storedProducts()).toHaveLength(3);
  });

  it('every value of an event is stored as it was sent', async () => {
    const event = saleEvent({ run_id: run, discount: 0, price: 99_999_999.99, weather: "it's\\ ☃" });
    await storeBatch(writer, { events: [{ event, traceId: null }], deadLetters: [] });
    const [row] = await select<RowDataPacket>(other, 'SELECT * FROM kafka_events WHERE run_id = ?', [run]);
    expect(row).toMatchObject({ ...event, trace_id: null });
  });
});

describe('ids', () => {
  /** A slow writer that has inserted but not committed, a fast one beside it, and a reader that remembers its last id. */
  async function readerBesideTwoWriters(slow: readonly Statement[]): Promise<string[]> {
    const connection = await other.getConnection();
    // Open, its transaction would keep the lock from the tests that follow.
    onTestFinished(() => connection.destroy());
    const commit = slow.length - 1;
    for (const [sql, values] of slow.slice(0, commit)) await connection.query(sql, [...values]);

    // A connection of its own: the server's table of transactions is a cache that may still show the test before. It waits for
    // the lock while this process is suspended.
    const fastWriter = database.open({
      connectionLimit: 1,
      multipleStatements: true,
      session: { ...WRITER_SESSION, innodb_lock_wait_timeout: 100 },
    });
    const writerId = await connectionOf(fastWriter);
    const fast = storeBatch(fastWriter, { events: sales(50, 1), deadLetters: [] });
    const overtaken = await Promise.race([
      fast.then(() => true),
      untilWaitingForLock(writerId).then(() => false),
    ]);
    const seenFirst = overtaken ? await storedProducts() : [];

    await connection.query('COMMIT');
    await fast;
    await fastWriter.end();
    const seenLater = await storedProducts(seenFirst.at(-1)?.id);
    return [...seenFirst, ...seenLater].map(({ product_id }) => product_id);
  }

  async function connectionOf(pool: Pool): Promise<number> {
    const [row] = await select<{ id: number }>(pool, 'SELECT CONNECTION_ID() AS id');
    return row?.id ?? 0;
  }

  async function untilWaitingForLock(connectionId: number): Promise<void> {
    const sql =
      "SELECT COUNT(*) AS waiting FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' " +
      "AND trx_query LIKE '%writer_lock%' AND trx_mysql_thread_id = ?";
    for (;;) {
      const [row] = await select<{ waiting: number }>(other, sql, [connectionId]);
      if (row && row.waiting > 0) return;
      await wait(TRX_LOOK_MS);
    }
  }

  it('ids become visible in ascending order, so a reader that remembers the last one misses nothing', async () => {
    expect(await readerBesideTwoWriters(transaction({ events: sales(10, 1), deadLetters: [] }))).toEqual([
      'P10',
      'P50',
    ]);
  });

  it('without the lock, a reader skips the ids of a slow writer', async () => {
    const withoutLock = transaction({ events: sales(10, 1), deadLetters: [] }).filter((one) => one !== LOCK);
    expect(await readerBesideTwoWriters(withoutLock)).toEqual(['P50']);
  });
});
