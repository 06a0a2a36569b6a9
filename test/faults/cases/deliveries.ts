import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ConsumerDependencies, consume } from '../../../functions/consumer/consume.ts';
import { storeBatch, transaction } from '../../../functions/consumer/event-writer.ts';
import type { SaleEvent } from '../../../shared/api/sales.ts';
import type { PoolConnection } from '../../../shared/mysql/connection.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { eventsOfDay, salesOfDates } from '../../../shared/publication/sale-events.ts';
import { kafkaEventOf, streamEventOf } from '../../support/records.ts';
import { storedEvents } from '../../support/sets.ts';
import { DAYS } from '../environment.ts';
import type { Scenario } from '../scenario.ts';

/** Longer than the lock's limit of 5 s. */
const FROZEN_MS = 7_000;

/** Faults between the stores: records that are lost, repeated, late or split, and concurrent consumers. */
export function deliveries(scenario: () => Scenario): void {
  /** More days than requested are fine: an advance whose answer was late is repeated and may count twice. */
  async function untilStored(runId: string, days: number): Promise<void> {
    const { environment, eventually } = scenario();
    const { pool } = environment.observed;
    await eventually(async () =>
      expect((await storedEvents(pool, runId)).length).toBeGreaterThanOrEqual(days * 100),
    );
  }

  async function eventsOf(runId: string, dayIndex: number): Promise<SaleEvent[]> {
    const { pool } = scenario().environment.observed;
    const date = scenario().dates[dayIndex] ?? expect.unreachable();
    return eventsOfDay(runId, dayIndex, await salesOfDates(pool, [date]));
  }

  describe('a stream record', () => {
    test('a stream record that is withheld forever is made up for by the reconciliation', async () => {
      const { environment, startRun, client, reconcile, untilSettled, finishAndCompare } = scenario();
      await startRun();
      await client.advance(2);
      // A step that hasn't recorded its completion might be repeated, and that repetition would be lost instead.
      await untilSettled();
      const lost = environment.faultPoints.answerNext('record', 'lost');
      await client.advance(DAYS);
      await lost;
      expect(await client.status()).toMatchObject({ day_index: DAYS - 1, is_complete: false });
      await reconcile();
      await finishAndCompare();
    });

    test('stream records and batches delivered twice and late double nothing', async () => {
      const { environment, startRun, client, finishAndCompare } = scenario();
      const { faultPoints, system } = environment;
      const run = await startRun();
      const lost = faultPoints.answerNext('record', 'lost');
      await client.advance();
      await lost;
      const twice = Promise.all([
        faultPoints.answerNext('record', 'twice'),
        faultPoints.answerNext('batch', 'twice'),
      ]);
      await client.advance();
      await twice;
      await untilStored(run, 2);
      await system.invoke('producer', streamEventOf(run, -1, 0));
      await client.advance();
      await untilStored(run, 3);
      for (const day of [0, 1, 0])
        await system.invoke('consumer', kafkaEventOf(system.names.topic, 0, await eventsOf(run, day)));
      await finishAndCompare();
    });
  });

  describe('a batch', () => {
    test('a batch split between two consumers is counted once', async () => {
      const { environment, startRun, client, finishAndCompare } = scenario();
      await startRun();
      const split = environment.faultPoints.answerNext('batch', 'pieces');
      await client.advance(DAYS);
      await split;
      await finishAndCompare();
    });

    test('two consumers that finish in the wrong order leave the higher count', async () => {
      const { environment, startRun, client, untilSettled, finishAndCompare } = scenario();
      await startRun();
      // The last batch of the run: no later batch recounts its days.
      await client.advance(DAYS - 1);
      await untilSettled();
      const overtaken = environment.faultPoints.answerNext('batch', 'overtaken');
      await client.advance();
      await overtaken;
      await finishAndCompare();
    });
  });

  describe('a consumer', () => {
    test('a consumer that inserts first and commits last hides no sale from viewers', async () => {
      const { environment, startRun, client, eventually, viewers, finishAndCompare } = scenario();
      const { pool, store } = environment.observed;
      const run = await startRun();
      const held = environment.faultPoints.hold('batch');
      await client.advance();
      await held.reached;
      const events = await eventsOf(run, 0);
      const [early, late] = [events.slice(0, 50), events.slice(50)];
      const writer = environment.openWriter();
      const other: ConsumerDependencies = {
        storeBatch: (batch, counted) => storeBatch(writer, batch, counted),
        store,
        now: () => new Date().toISOString(),
        log: createLogger('test'),
      };
      const take = (part: readonly SaleEvent[]) =>
        consume(other, kafkaEventOf(environment.system.names.topic, 0, part));

      const slow = await pool.getConnection();
      // Left open, its transaction would keep the lock from every later writer.
      onTestFinished(() => slow.destroy());
      onTestFinished(() => writer.end());
      await runUntilCommit(slow, early);
      // A writer that waits for the lock beyond its limit fails, and its batch is delivered again.
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
      await finishAndCompare();
    });

    test('a consumer stopped by SIGSTOP inside its transaction does not keep the lock', async () => {
      const { environment, startRun, beginFreeze, client, finishAndCompare } = scenario();
      await startRun();
      const { promise: frozen, resolve: freeze } = Promise.withResolvers<() => Promise<void>>();
      const ignore = environment.servers.mysql.proxy.onceSent('INSERT INTO kafka_events', () =>
        freeze(beginFreeze()),
      );
      onTestFinished(ignore);
      // The answer may only come after the freeze.
      const accepted = client.advance(3);
      const goOn = await frozen;
      onTestFinished(goOn);
      const writer = environment.openWriter();
      let isAnswered = false;
      const asked = client.send('GET', '/health').then((answer) => {
        isAnswered = answer !== null;
      });
      try {
        // If anyone held the lock now, this would fail at the lock's limit.
        await Promise.all([wait(FROZEN_MS), storeBatch(writer, { events: [], deadLetters: [letter] })]);
        expect(isAnswered, 'while it stood still').toBe(false);
      } finally {
        await goOn();
        await writer.end();
      }
      await Promise.all([accepted, asked]);
      await finishAndCompare();
    });
  });

  test('an advance whose response from DynamoDB is lost is not repeated', async () => {
    const { environment, startRun, client, eventually, finishAndCompare } = scenario();
    await startRun();
    const { proxy } = environment.servers.dynamodb;
    onTestFinished(proxy.onceSent('days_left - :days', (asking) => asking.loseAnswer()));
    expect(await client.click()).toMatchObject({ status: 503, body: { code: 'outcome_unknown' } });
    // A server that answered too late may still be processing the request.
    await eventually(async () => expect(await client.status()).toMatchObject({ day_index: 0 }));
    await finishAndCompare();
  });

  async function untilLocked(): Promise<void> {
    const sql =
      "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%writer_lock%'";
    const { environment, eventually } = scenario();
    await eventually(async () => expect(await select(environment.observed.pool, sql)).not.toEqual([]));
  }
}

async function runUntilCommit(connection: PoolConnection, events: readonly SaleEvent[]): Promise<void> {
  const statements = transaction({
    events: events.map((event) => ({ event, traceId: null })),
    deadLetters: [],
  });
  for (const [sql, values] of statements.slice(0, -1)) await connection.query(sql, [...values]);
}

/** A row that belongs to no run. */
const letter = {
  topic: 'other',
  partition: 0,
  offset: '1',
  key: null,
  value: null,
  reason: 'a test',
  undecodable: false,
};
