import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { storeBatch, WRITER_SESSION } from '../../../../functions/consumer/event-writer.ts';
import { pageQueries, readPage } from '../../../../functions/feed/read-page.ts';
import { createFeedClient } from '../../../../functions/live/feed-pages.ts';
import { type FeedRequest, feedRequestSchema } from '../../../../shared/api/live.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import { saleEvent } from '../../../support/sale-events.ts';
import { freshDatabase } from '../../../support/stores.ts';

const DAYS = 20;
const PER_DAY = 50;

const run = randomUUID();
const otherRun = randomUUID();
let pool: Pool;
let writerOf: () => Pool;
let ids: number[] = [];

/** Alternating days of two runs, so that the ids of each run have gaps. */
beforeAll(async () => {
  const database = await freshDatabase();
  writerOf = () => database.open({ connectionLimit: 1, multipleStatements: true, session: WRITER_SESSION });
  const writer = writerOf();
  pool = database.open();
  for (let day = 0; day < DAYS; day += 1) {
    for (const run_id of [otherRun, run]) {
      await storeBatch(writer, { events: salesOf(run_id, day), deadLetters: [] });
    }
  }
  await writer.end();
  // Statistics of a table that has just been filled depend on timing.
  await pool.query('ANALYZE TABLE kafka_events');
  const rows = await select<{ id: number }>(
    pool,
    'SELECT id FROM kafka_events WHERE run_id = ? ORDER BY id',
    [run],
  );
  ids = rows.map(({ id }) => id);
});
afterAll(() => pool.end());

function salesOf(run_id: string, day_index: number) {
  const date = new Date(Date.UTC(2022, 0, 1 + day_index)).toISOString().slice(0, 10);
  return Array.from({ length: PER_DAY }, (_, index) => ({
    event: saleEvent({ run_id, day_index, date, product_id: `P${index}`, discount: 0 }),
    traceId: null,
  }));
}

const ask = (position: FeedRequest['position'], limit = 10): FeedRequest => ({
  run_id: run,
  position,
  limit,
});
const idsOf = async (request: FeedRequest) => (await readPage(pool, request)).events.map(({ id }) => id);

describe('feed', () => {
  test('the feed returns the events of one run after an id, in order, page by page', async () => {
    const seen: number[] = [];
    for (let page = await idsOf(ask({ kind: 'after', id: 0 }, 300)); page.length > 0; ) {
      seen.push(...page);
      page = await idsOf(ask({ kind: 'after', id: seen.at(-1) ?? 0 }, 300));
    }
    expect(ids).toHaveLength(DAYS * PER_DAY);
    expect(seen).toEqual(ids);
  });

  test('the feed resumes after any id of the run, including its last', async () => {
    expect(await idsOf(ask({ kind: 'resume', id: ids[70] ?? 0 }))).toEqual(ids.slice(71, 81));
    expect(await readPage(pool, ask({ kind: 'resume', id: ids.at(-1) ?? 0 }))).toEqual({
      known: true,
      events: [],
    });
  });

  test('the feed does not accept ids of another run, or ids that never existed', async () => {
    const [other] = await select<{ id: number }>(
      pool,
      'SELECT MAX(id) AS id FROM kafka_events WHERE run_id = ?',
      [otherRun],
    );
    for (const id of [0, other?.id ?? 0, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      expect(await readPage(pool, ask({ kind: 'resume', id }))).toEqual({ known: false, events: [] });
    }
  });

  test('the feed can start with the first event of a day, and continues with the following days', async () => {
    const up_to = ids.at(-1) ?? 0;
    expect(await idsOf(ask({ kind: 'day', day_index: 3, after: 0, up_to }, 80))).toEqual(
      ids.slice(3 * PER_DAY, 3 * PER_DAY + 80),
    );
    expect(await idsOf(ask({ kind: 'day', day_index: DAYS, after: 0, up_to }))).toEqual([]);
  });

  test('a page of a day that was stored beside its neighbours has no sale of an earlier day, and none beyond its bound', async () => {
    const run_id = randomUUID();
    const writer = writerOf();
    for (const [day, from] of [
      [4, 0],
      [6, 0],
      [4, 20],
      [5, 0],
      [6, 20],
      [5, 20],
    ] as const) {
      const events = salesOf(run_id, day).slice(from, from + 20);
      await storeBatch(writer, { events, deadLetters: [] });
    }
    const stored = await select<{ id: number; day_index: number }>(
      pool,
      'SELECT id, day_index FROM kafka_events WHERE run_id = ? ORDER BY id',
      [run_id],
    );
    await writer.end();
    const day = (after: number, up_to: number, limit: number) =>
      idsOf({ run_id, position: { kind: 'day', day_index: 5, after, up_to }, limit });
    const head = stored.at(-1)?.id ?? 0;
    const late = stored.filter(({ day_index }) => day_index >= 5).map(({ id }) => id);
    expect(late).toHaveLength(80);
    expect(await day(0, head, 1_000)).toEqual(late);
    expect(await day(0, late[29] ?? 0, 1_000)).toEqual(late.slice(0, 30));
    expect(await day(late[9] ?? 0, head, 25)).toEqual(late.slice(10, 35));
  });

  test('the feed reads each page from an index, without any other row', async () => {
    for (const position of [
      { kind: 'after', id: ids[400] ?? 0 },
      { kind: 'resume', id: ids[400] ?? 0 },
      // Across a day of the other run.
      { kind: 'after', id: ids[445] ?? 0 },
      { kind: 'resume', id: ids[445] ?? 0 },
      { kind: 'day', day_index: 8, after: 0, up_to: ids[450] ?? 0 },
      { kind: 'day', day_index: 8, after: ids[404] ?? 0, up_to: ids[430] ?? 0 },
      { kind: 'day', day_index: DAYS - 1, after: 0, up_to: ids.at(-1) ?? 0 },
    ] as const) {
      for (const { sql, values } of pageQueries(ask(position))) {
        const connection = await pool.getConnection();
        await connection.query('FLUSH STATUS');
        await connection.query(sql, [...values]);
        const [rows] = await connection.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
        connection.release();
        const read = (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
        expect(read).toBeLessThanOrEqual(16);
      }
    }
  });

  test('the feed answers in a form that live accepts', async () => {
    const lambda = new LambdaClient({ region: 'eu-central-1' });
    vi.spyOn(lambda, 'send').mockImplementation(async (command: unknown) => {
      const text = command instanceof InvokeCommand ? String(command.input.Payload) : '';
      const page = await readPage(pool, feedRequestSchema.parse(JSON.parse(text)));
      return { StatusCode: 200, Payload: Buffer.from(JSON.stringify(page)) };
    });
    const page = await createFeedClient(lambda, 'feed')(ask({ kind: 'after', id: 0 }, 5));
    expect(page.events.map(({ id }) => id)).toEqual(ids.slice(0, 5));
    expect(page.events[0]).toMatchObject({ date: '2022-01-01', price: 33.5, discount: 0, day_total: 100 });
    expect(page.events[0]?.received_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
});
