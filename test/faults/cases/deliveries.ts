import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConsumerBorders, consume } from '../../../functions/consumer/consume.ts';
import type { SaleEvent } from '../../../shared/api/sale.ts';
import type { PoolConnection } from '../../../shared/mysql/connection.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { storeBatch, transaction } from '../../../shared/sales/event-writer.ts';
import { eventsOfDay, salesOfDates } from '../../../shared/sales/facts.ts';
import { kafkaEventOf, streamEventOf } from '../../support/records.ts';
import { storedEvents } from '../../support/sets.ts';
import { DAYS } from '../environment.ts';
import type { Play } from '../scenario.ts';

/** The lock's limit is 5 s. */
const FROZEN_MS = 7_000;

/** What goes wrong between the stores: records lost, repeated, late, torn, and consumers that meet. */
export function deliveries(play: () => Play): void {
  /** More days than were asked for are as good: a click whose answer came too late is pressed again, and may count twice. */
  async function untilStored(runId: string, days: number): Promise<void> {
    const { arena, eventually } = play();
    const { pool } = arena.observed;
    await eventually(async () =>
      expect((await storedEvents(pool, runId)).length).toBeGreaterThanOrEqual(days * 100),
    );
  }

  async function eventsOf(runId: string, dayIndex: number): Promise<SaleEvent[]> {
    const { pool } = play().arena.observed;
    const date = play().dates[dayIndex] ?? expect.unreachable();
    return eventsOfDay(runId, dayIndex, await salesOfDates(pool, [date]));
  }

  describe('a stream record', () => {
    test('withheld for ever', async () => {
      const { arena, begin, client, reconcile, untilSettled, finish } = play();
      await begin();
      await client.advance(2);
      // Whoever hasn't put down yet that it is done might be asked again, and lose that instead.
      await untilSettled();
      const lost = arena.points.tellNext('record', 'lost');
      await client.advance(DAYS);
      await lost;
      expect(await client.status()).toMatchObject({ day_index: DAYS - 1, is_complete: false });
      await reconcile();
      await finish();
    });

    test('delivered twice and late', async () => {
      const { arena, begin, client, finish } = play();
      const { points, system } = arena;
      const run = await begin();
      const lost = points.tellNext('record', 'lost');
      await client.advance();
      await lost;
      const twice = Promise.all([points.tellNext('record', 'twice'), points.tellNext('batch', 'twice')]);
      await client.advance();
      await twice;
      await untilStored(run, 2);
      await system.invoke('producer', streamEventOf(run, -1, 0));
      await client.advance();
      await untilStored(run, 3);
      for (const day of [0, 1, 0])
        await system.invoke('consumer', kafkaEventOf(system.names.topic, 0, await eventsOf(run, day)));
      await finish();
    });
  });

  describe('a batch', () => {
    test('split and delivered in pieces by two consumers', async () => {
      const { arena, begin, client, finish } = play();
      await begin();
      const split = arena.points.tellNext('batch', 'pieces');
      await client.advance(DAYS);
      await split;
      await finish();
    });

    test('of two consumers that finish in the wrong order', async () => {
      const { arena, begin, client, untilSettled, finish } = play();
      await begin();
      // The last batch of the run: no later one counts its days again.
      await client.advance(DAYS - 1);
      await untilSettled();
      const overtaken = arena.points.tellNext('batch', 'overtaken');
      await client.advance();
      await overtaken;
      await finish();
    });
  });

  describe('a consumer', () => {
    test('that inserts first and commits last', async () => {
      const { arena, begin, client, eventually, viewers, finish } = play();
      const { pool, store } = arena.observed;
      const run = await begin();
      const held = arena.points.hold('batch');
      await client.advance();
      await held.reached;
      const events = await eventsOf(run, 0);
      const [early, late] = [events.slice(0, 50), events.slice(50)];
      const writer = arena.openWriter();
      const other: ConsumerBorders = {
        storeBatch: (batch) => storeBatch(writer, batch),
        store,
        now: () => new Date().toISOString(),
        log: createLogger('test'),
      };
      const take = (part: readonly SaleEvent[]) =>
        consume(other, kafkaEventOf(arena.system.names.topic, 0, part));

      const slow = await pool.getConnection();
      // Open, its transaction would keep the lock from all that follow.
      onTestFinished(() => slow.destroy());
      onTestFinished(() => writer.end());
      await runUntilCommit(slow, early);
      // One that waits for the lock beyond its limit fails, and is delivered again.
      const fast = take(late).then(
        () => true,
        () => false,
      );
      const overtook = await Promise.race([fast, untilLocked().then(() => false)]);
      if (overtook) {
        await eventually(() => {
          for (const viewer of viewers) expect(viewer.seen().sales).toHaveLength(late.length);
        });
      }
      await slow.query('COMMIT');
      if (!(await fast)) await take(late);
      await take(early);
      held.release();
      await finish();
    });

    test('stopped by SIGSTOP inside its transaction for longer than the lock’s limit', async () => {
      const { arena, begin, beginFreeze, client, finish } = play();
      await begin();
      const { promise: frozen, resolve: freeze } = Promise.withResolvers<() => Promise<void>>();
      const ignore = arena.servers.mysql.proxy.onceSent('INSERT INTO kafka_events', () =>
        freeze(beginFreeze()),
      );
      onTestFinished(ignore);
      // Its answer may have to wait for the end of the freeze.
      const accepted = client.advance(3);
      const goOn = await frozen;
      onTestFinished(goOn);
      const writer = arena.openWriter();
      let isAnswered = false;
      const asked = client.send('GET', '/health').then((answer) => {
        isAnswered = answer !== null;
      });
      try {
        // Whoever held the lock now would let this fail at the lock's limit.
        await Promise.all([wait(FROZEN_MS), storeBatch(writer, { events: [], deadLetters: [letter] })]);
        expect(isAnswered, 'while it stood still').toBe(false);
      } finally {
        await goOn();
        await writer.end();
      }
      await Promise.all([accepted, asked]);
      await finish();
    });
  });

  test('the answer of the increment, lost on its way back', async () => {
    const { arena, begin, client, eventually, finish } = play();
    await begin();
    const { proxy } = arena.servers.dynamodb;
    onTestFinished(proxy.onceSent('days_left - :days', (asking) => asking.loseAnswer()));
    expect(await client.click()).toMatchObject({ status: 503, body: { code: 'outcome_unknown' } });
    // A server that took too long for its answer may still be at it.
    await eventually(async () => expect(await client.status()).toMatchObject({ day_index: 0 }));
    await finish();
  });

  async function untilLocked(): Promise<void> {
    const sql =
      "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%writer_lock%'";
    const { arena, eventually } = play();
    await eventually(async () => expect(await select(arena.observed.pool, sql)).not.toEqual([]));
  }
}

async function runUntilCommit(connection: PoolConnection, events: readonly SaleEvent[]): Promise<void> {
  const statements = transaction({
    events: events.map((event) => ({ event, traceId: null })),
    deadLetters: [],
  });
  for (const [sql, values] of statements.slice(0, -1)) await connection.query(sql, [...values]);
}

/** Something to store that belongs to no run. */
const letter = { topic: 'other', partition: 0, offset: '1', key: null, value: null, reason: 'a test' };
