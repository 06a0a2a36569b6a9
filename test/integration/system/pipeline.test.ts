import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listDeadLetters, replayDeadLetter } from '../../../infra/local/stores/dead-letters.ts';
import { partitionKey } from '../../../shared/api/sales.ts';
import type { SimulationStatus } from '../../../shared/api/simulation.ts';
import { type Pool, select } from '../../../shared/mysql/connection.ts';
import { eventsOfDay, salesOfDates } from '../../../shared/publication/sale-events.ts';
import { fetchPatiently } from '../../support/http-client.ts';
import { kafkaEventOf, streamEventOf } from '../../support/records.ts';
import { saleEvent } from '../../support/sale-events.ts';
import { expectedEventIds, keysOutOfOrder, storedEvents } from '../../support/sets.ts';
import { type RunningSystem, startSystem } from '../../support/system.ts';
import { openViewer, type Viewer } from '../../support/viewer.ts';

/** The promises, on real servers: what was accepted, what is stored and what viewers saw are compared as sets. */
const DAYS = 40;

let system: RunningSystem;
let pool: Pool;
let dates: string[];
const viewers: Viewer[] = [];

beforeAll(async () => {
  system = await startSystem({ days: DAYS });
  ({ pool } = system);
  dates = (await select<{ date: string }>(pool, 'SELECT date FROM calendar ORDER BY date')).map(
    ({ date }) => date,
  );
});
afterAll(async () => {
  await system?.stop();
});
beforeEach(() => post('/simulation/reset'));
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});

async function post(path: string): Promise<Response> {
  return fetchPatiently(`${system.url}${path}`, { method: 'POST' });
}

async function status(): Promise<SimulationStatus> {
  return (await fetchPatiently(`${system.url}/simulation/status`)).json() as Promise<SimulationStatus>;
}

/** Opens a viewer and waits until it follows the current run, so that it sees everything played from then on. */
async function view(options: Parameters<typeof openViewer>[1] = {}): Promise<Viewer> {
  const run = await currentRun();
  const viewer = await openViewer(system.url, options);
  viewers.push(viewer);
  await viewer.until(({ statuses }) => statuses.at(-1)?.run_id === run);
  return viewer;
}

async function currentRun(): Promise<string> {
  return (await status()).run_id ?? 'none';
}

/** Resolves when a run has as many rows as its accepted days have sales. */
async function untilStored(runId: string, days: number): Promise<void> {
  await expect.poll(async () => (await storedEvents(pool, runId)).length).toBe(days * 100);
}

/** Compares what is stored with the data set: nothing lost, nothing duplicated, each key in its order. */
async function expectWhole(runId: string, days: number): Promise<void> {
  const stored = await storedEvents(pool, runId);
  expect(new Set(stored.map(({ event_id }) => event_id))).toEqual(
    await expectedEventIds(pool, runId, dates, days - 1),
  );
  expect(stored).toHaveLength(days * 100);
  expect(keysOutOfOrder(stored)).toEqual([]);
}

/** Compares what a viewer saw with what is stored: the same ids, in the same order, once. */
async function expectSeenAll(viewer: Viewer, runId: string, days: number): Promise<void> {
  await viewer.until(({ sales }) => sales.length >= days * 100);
  expect(viewer.sales.map(({ id }) => id)).toEqual((await storedEvents(pool, runId)).map(({ id }) => id));
}

describe('a click', () => {
  it('a click takes one day from the API to the viewer', async () => {
    const viewer = await view();
    expect(await (await post('/simulation/next-day')).json()).toMatchObject({
      status: 'ok',
      current_day: dates[0],
    });
    const run = await currentRun();
    await expectSeenAll(viewer, run, 1);
    await expectWhole(run, 1);
    await viewer.until(({ statuses }) => statuses.at(-1)?.progress_pct === 100);
    await expect.poll(status).toMatchObject({
      day_index: 0,
      day_total: 100,
      day_received: 100,
      progress_pct: 100,
    });
  });

  it('a click can be traced to the rows it caused', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await fetchPatiently(`${system.url}/simulation/next-day`, { method: 'POST', headers: { traceparent } });
    const run = await currentRun();
    await untilStored(run, 1);
    const traces = new Set((await storedEvents(pool, run)).map(({ trace_id }) => trace_id));
    expect([...traces]).toEqual(['4bf92f3577b34da6a3ce929d0e0e4736']);
  });

  it('each of a hundred simultaneous clicks takes a day of its own, and those beyond the last day are refused', async () => {
    const viewer = await view();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('/simulation/next-day')));
    expect(answers.filter(({ status: code }) => code === 200)).toHaveLength(DAYS);
    expect(answers.filter(({ status: code }) => code === 400)).toHaveLength(100 - DAYS);
    const run = await currentRun();
    await expectSeenAll(viewer, run, DAYS);
    await expectWhole(run, DAYS);
    await expect.poll(async () => (await status()).is_complete).toBe(true);
  });

  it('a click may advance several days, but no further than the last', async () => {
    await post('/simulation/next-day?days=30');
    expect(await (await post('/simulation/next-day?days=30')).json()).toMatchObject({
      current_day: dates.at(-1),
      days: 10,
    });
    const run = await currentRun();
    await untilStored(run, DAYS);
    await expectWhole(run, DAYS);
  });
});

describe('a repetition', () => {
  it('repeated stream records change nothing, whether early, late or out of order', async () => {
    await post('/simulation/next-day?days=3');
    const run = await currentRun();
    await untilStored(run, 3);
    const records = [streamEventOf(run, -1, 0), streamEventOf(run, 0, 2), streamEventOf(run, -1, 0)];
    for (const event of records) await system.invoke('producer', event);
    await post('/simulation/next-day');
    await untilStored(run, 4);
    await expectWhole(run, 4);
  });

  it('repeated Kafka batches change nothing, in any order', async () => {
    await post('/simulation/next-day?days=3');
    const run = await currentRun();
    await untilStored(run, 3);
    const before = await storedEvents(pool, run);
    const facts = Map.groupBy(await salesOfDates(pool, dates.slice(0, 3)), ({ date }) => date);
    const days = [2, 0, 1, 2].map((day) => eventsOfDay(run, day, facts.get(dates[day] ?? '') ?? []));
    for (const events of days) await system.invoke('consumer', kafkaEventOf(system.names.topic, 0, events));
    expect(await storedEvents(pool, run)).toEqual(before);
    await expect.poll(status).toMatchObject({ day_received: 100 });
  });

  it('an event repeated within a Kafka batch changes nothing, and the next click arrives', async () => {
    const viewer = await view();
    const run = await currentRun();
    const [sale] = eventsOfDay(run, 0, await salesOfDates(pool, dates.slice(0, 1)));
    if (!sale) throw new Error('The data set has no sale on its first date.');
    const message = { key: partitionKey(sale), value: JSON.stringify(sale) };
    await system.produce([message, message]);
    await expect.poll(async () => (await storedEvents(pool, run)).length).toBe(1);
    await post('/simulation/next-day');
    await untilStored(run, 1);
    await post('/simulation/next-day');
    await expectSeenAll(viewer, run, 2);
    await expectWhole(run, 2);
  });
});

describe('a reset', () => {
  it('a reset while a day is in flight completes the old run and shows none of it in the new one', async () => {
    const viewer = await view();
    await post('/simulation/next-day?days=5');
    const old = await currentRun();
    await post('/simulation/reset');
    await post('/simulation/next-day');
    const run = await currentRun();
    expect(run).not.toBe(old);
    await viewer.until(({ statuses }) => statuses.at(-1)?.run_id === run);
    expect(viewer.resets).toBeGreaterThan(0);
    await expectSeenAll(viewer, run, 1);
    await untilStored(old, 5);
    await expectWhole(old, 5);
    await expectWhole(run, 1);
    expect(viewer.sales.every(({ date }) => date === dates[0])).toBe(true);
  });
});

describe('a restart', () => {
  it('a restart in the middle of a day loses and duplicates nothing, and the simulation stays where it was', async () => {
    await post('/simulation/next-day?days=3');
    const before = await status();
    await system.restart();
    expect(await status()).toMatchObject({ run_id: before.run_id, day_index: before.day_index });
    await untilStored(before.run_id ?? '', 3);
    await post('/simulation/next-day');
    await untilStored(before.run_id ?? '', 4);
    await expectWhole(before.run_id ?? '', 4);
  });
});

describe('viewers', () => {
  it('viewers that disconnect at random and resume miss nothing, not even across a reset', async () => {
    async function playUntil(days: number): Promise<void> {
      for (let day = 0; day < days; day += 1) await post('/simulation/next-day');
    }

    /** Watches a whole run in pieces, reconnecting after each number of sales. */
    async function watchInPieces(first: Viewer, pieces: readonly number[], total: number): Promise<Viewer> {
      let viewer = first;
      for (const piece of pieces) {
        const goal = Math.min(viewer.sales.length + piece, total);
        await viewer.until(({ sales }) => sales.length >= goal);
        viewer.close();
        viewer = await view({ resume: viewer });
      }
      await viewer.until(({ sales }) => sales.length >= total);
      return viewer;
    }

    const breaks = [
      [1, 50, 333, 7],
      [100, 100, 100],
      [250, 1, 1, 400],
    ];
    const opened = await Promise.all(breaks.map(() => view()));
    const watching = opened.map((viewer, index) => watchInPieces(viewer, breaks[index] ?? [], 1_000));
    await playUntil(10);
    const run = await currentRun();
    const seen = await Promise.all(watching);
    const ids = (await storedEvents(pool, run)).map(({ id }) => id);
    for (const viewer of seen) expect(viewer.sales.map(({ id }) => id)).toEqual(ids);

    const [first] = seen;
    first?.close();
    await post('/simulation/reset');
    await post('/simulation/next-day');
    const resumed = await view({ ...(first ? { resume: first } : {}) });
    const next = await currentRun();
    await resumed.until(({ resets, sales }) => resets === 1 && sales.length >= 100);
    expect(resumed.sales.map(({ id }) => id)).toEqual((await storedEvents(pool, next)).map(({ id }) => id));
  });
});

describe('a viewer who opens the stream in a backlog', () => {
  it('a new viewer gets the current day alone when earlier days were stored beside and after it, and then everything', async () => {
    await post('/simulation/next-day?days=3');
    const run = await currentRun();
    await untilStored(run, 3);
    // Partitions drain at different speeds: sales of earlier days are stored after the current day's first.
    await pool.query('DELETE FROM kafka_events WHERE run_id = ? AND day_index IN (0, 1)', [run]);
    const facts = Map.groupBy(await salesOfDates(pool, dates.slice(0, 3)), ({ date }) => date);
    const eventsOf = (day: number) => eventsOfDay(run, day, facts.get(dates[day] ?? '') ?? []);
    const store = (day: number) =>
      system.invoke('consumer', kafkaEventOf(system.names.topic, 0, eventsOf(day)));
    await store(0);
    const before = await storedEvents(pool, run);
    const viewer = await openViewer(system.url);
    viewers.push(viewer);
    await viewer.until(({ sales }) => sales.length >= 100);
    await store(1);
    await post('/simulation/next-day');
    await viewer.until(({ sales }) => sales.length >= 300);
    const head = before.at(-1)?.id ?? 0;
    expect(viewer.opening).toEqual({ day_index: 2, before_id: head + 1 });
    const ids = viewer.sales.map(({ id }) => id);
    expect(new Set(viewer.sales.slice(0, 100).map(({ day_index }) => day_index))).toEqual(new Set([2]));
    const since = (await storedEvents(pool, run)).map(({ id }) => id).filter((id) => id > head);
    expect(ids.slice(100)).toEqual(since);

    const resumed = await view({ lastEventId: String(ids[150]) });
    await resumed.until(({ sales }) => sales.length >= ids.length - 151);
    expect(resumed.sales.map(({ id }) => id)).toEqual(ids.slice(151));
  });
});

describe('a message that cannot be read', () => {
  const waiting = () =>
    select<{ id: number; reason: string }>(
      pool,
      'SELECT id, reason FROM dead_letters WHERE replayed_at IS NULL',
    );

  it('an unreadable message is stored as a dead letter among good ones, and replayed once it is corrected', async () => {
    const run = await currentRun();
    const facts = await salesOfDates(pool, dates.slice(0, 1));
    const [sale] = eventsOfDay(run, 0, facts);
    if (!sale) throw new Error('The data set has no sale on its first date.');
    const { units_sold: _missing, ...broken } = sale;
    await system.produce([{ key: partitionKey(sale), value: JSON.stringify(broken) }]);
    await post('/simulation/next-day');
    await untilStored(run, 1);
    await expectWhole(run, 1);
    await expect
      .poll(waiting)
      .toEqual([expect.objectContaining({ reason: expect.stringContaining('units_sold') })]);

    const [letter] = await listDeadLetters(pool, 'waiting', 10);
    if (!letter) throw new Error('No dead letter is listed.');
    const late = { ...saleEvent({ run_id: run, product_id: 'P9999' }), date: dates[0] };
    await replayDeadLetter(
      pool,
      { send: (_topic, messages) => system.produce(messages) },
      letter,
      JSON.stringify(late),
    );
    await expect.poll(waiting).toEqual([]);
    const stored = async () => (await storedEvents(pool, run)).map(({ product_id }) => product_id);
    await expect.poll(stored).toContain('P9999');
  });
});
