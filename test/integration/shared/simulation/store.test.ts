import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { SimulationStore } from '../../../../shared/simulation/store.ts';
import { freshStoreWithClient } from '../../../support/stores.ts';

const click = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: 'trace' };
const dates = Array.from({ length: 731 }, (_, day) =>
  new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10),
);

const itemsOf = z.looseObject({ Items: z.array(z.unknown()).optional() });

let store: SimulationStore;
let lossy: DynamoDBDocumentClient;
beforeEach(async () => {
  ({ store, client: lossy } = await freshStoreWithClient());
});

async function currentRun(): Promise<string> {
  return (await store.readState())?.runId ?? 'none';
}

describe('a click', () => {
  it('a click is refused before there is a calendar', async () => {
    expect(await store.advanceDays(1, click)).toEqual({ outcome: 'not_initialized' });
    await store.register({ dates: [] });
    expect(await store.advanceDays(1, click)).toEqual({ outcome: 'not_initialized' });
  });

  it('a click takes the next day and returns it', async () => {
    await store.register({ dates });
    expect(await store.advanceDays(1, click)).toMatchObject({
      outcome: 'advanced',
      days: 1,
      state: { dayIndex: 0 },
    });
    expect(await store.advanceDays(30, click)).toMatchObject({
      outcome: 'advanced',
      days: 30,
      state: { dayIndex: 30 },
    });
    expect(await store.readState()).toMatchObject({ dayIndex: 30, daysLeft: 700, lastIndex: 730, ...click });
  });

  it('a click near the end takes the days that are left, and the next one is refused', async () => {
    await store.register({ dates: dates.slice(0, 5) });
    await store.advanceDays(3, click);
    expect(await store.advanceDays(10, click)).toMatchObject({
      outcome: 'advanced',
      days: 2,
      state: { dayIndex: 4 },
    });
    expect(await store.advanceDays(1, click)).toEqual({ outcome: 'completed' });
  });

  it('each of a hundred simultaneous clicks takes a day of its own', async () => {
    await store.register({ dates });
    const clicks = await Promise.all(Array.from({ length: 100 }, () => store.advanceDays(1, click)));
    const days = clicks.map((made) => (made.outcome === 'advanced' ? made.state.dayIndex : -1));
    expect(days.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, day) => day));
  });

  it('simultaneous clicks share the last days exactly, however many days each requests', async () => {
    await store.register({ dates: dates.slice(0, 40) });
    const clicks = await Promise.all(Array.from({ length: 30 }, () => store.advanceDays(7, click)));
    const taken = clicks.reduce((sum, made) => sum + (made.outcome === 'advanced' ? made.days : 0), 0);
    expect(taken).toBe(40);
    expect(await store.readState()).toMatchObject({ dayIndex: 39, daysLeft: 0 });
  });
});

describe('registering dates', () => {
  it('registering dates starts a run before its first day', async () => {
    expect(await store.register({ dates })).toEqual({ startedRun: true, totalDays: 731 });
    expect(await store.readState()).toMatchObject({
      dayIndex: -1,
      lastIndex: 730,
      daysLeft: 731,
      retired: {},
    });
    expect(await store.readProgress(await currentRun())).toMatchObject({ publishedIndex: -1, headId: 0 });
  });

  it('registering the same dates changes nothing', async () => {
    await store.register({ dates, salesPerDay: dates.map(() => 100), dataSet: 'a' });
    await store.advanceDays(3, click);
    const before = await store.readState();
    expect(await store.register({ dates })).toEqual({ startedRun: false, totalDays: 731 });
    expect(await store.register({ dates, salesPerDay: dates.map(() => 100), dataSet: 'a' })).toMatchObject({
      startedRun: false,
    });
    expect(await store.readState()).toEqual(before);
  });

  it('registering other dates, or other sales on the same dates, starts a new run', async () => {
    await store.register({ dates, dataSet: 'a' });
    expect(await store.register({ dates: dates.slice(1), dataSet: 'b' })).toMatchObject({ startedRun: true });
    expect(await store.register({ dates: dates.slice(1), dataSet: 'c' })).toMatchObject({ startedRun: true });
  });

  it('registering the same data set again leaves a run alone that a client has since started with other dates', async () => {
    await store.register({ dates, dataSet: 'a' });
    await store.register({ dates: dates.slice(0, 3) });
    await store.advanceDays(2, click);
    const before = await store.readState();
    expect(await store.register({ dates, dataSet: 'a' })).toMatchObject({ startedRun: false });
    expect(await store.readState()).toEqual(before);
    expect(await store.register({ dates, dataSet: 'b' })).toMatchObject({ startedRun: true });
  });

  it('simultaneous first registrations start a single run', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => store.register({ dates })));
    expect(answers.filter(({ startedRun }) => startedRun)).toHaveLength(1);
    expect((await store.readState())?.retired).toEqual({});
  });
});

describe('a lost response', () => {
  /** The update is applied, its response is lost, and the SDK sends it again. */
  function loseNextAnswer(dropped: { count: number }): void {
    lossy.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if (dropped.count <= 0 || !JSON.stringify(args.input).includes('calendar_id = :calendar'))
          return answer;
        dropped.count -= 1;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      },
      { name: 'loseAnswer', step: 'finalizeRequest', priority: 'low', override: true },
    );
  }

  it('a reset whose response is lost keeps the run it started', async () => {
    await store.register({ dates });
    loseNextAnswer({ count: 1 });
    await store.reset();
    expect(await store.readProgress(await currentRun())).toMatchObject({ publishedIndex: -1 });
  });

  it('an init whose response is lost keeps the run it started', async () => {
    loseNextAnswer({ count: 1 });
    await store.register({ dates });
    expect(await store.readProgress(await currentRun())).toMatchObject({ publishedIndex: -1 });
  });
});

describe('a reset', () => {
  it('a reset starts a new run and remembers how far the old one was accepted', async () => {
    await store.register({ dates });
    await store.advanceDays(5, click);
    const old = await currentRun();
    await store.reset();
    expect(await currentRun()).not.toBe(old);
    expect(await store.readState()).toMatchObject({
      dayIndex: -1,
      daysLeft: 731,
      requestedAt: null,
      retired: { [old]: 4 },
    });
  });

  it('a reset does nothing before the first init', async () => {
    await store.reset();
    expect(await store.readState()).toBeNull();
  });

  it('a reset loses no day that is accepted at the same moment', async () => {
    await store.register({ dates });
    const run = await currentRun();
    const [clicks] = await Promise.all([
      Promise.all(Array.from({ length: 50 }, () => store.advanceDays(1, click))),
      store.reset(),
    ]);
    const accepted = (runId: string) =>
      clicks.filter((made) => made.outcome === 'advanced' && made.state.runId === runId).length;
    const state = await store.readState();
    expect(state?.retired[run]).toBe(accepted(run) - 1);
    expect(state?.dayIndex).toBe(accepted(state?.runId ?? '') - 1);
    expect(accepted(run) + accepted(state?.runId ?? '')).toBe(50);
  });

  it('a retired run is forgotten once it is stored completely', async () => {
    await store.register({ dates });
    const run = await currentRun();
    await store.reset();
    await store.retireRun(run, 2_000_000_000);
    expect((await store.readState())?.retired).toEqual({});
  });
});

describe("the pipeline's record", () => {
  const day = {
    dayIndex: 0,
    date: '2022-01-01',
    dayTotal: 100,
    requestedAt: 't0',
    pickedUpAt: 't0.5',
    publishedAt: 't1',
  };
  const stored = (received: number, at = 't2') => ({
    dayIndex: 0,
    date: '2022-01-01',
    dayTotal: 100,
    received,
    at,
  });
  let run: string;
  beforeEach(async () => {
    await store.register({ dates });
    await store.advanceDays(1, click);
    run = await currentRun();
  });

  it('the recorded progress never decreases', async () => {
    await store.raisePublishedIndex(run, 7);
    await store.raisePublishedIndex(run, 3);
    await store.raiseHead(run, 500);
    await store.raiseHead(run, 400);
    await store.raiseDayReceived(run, stored(60));
    await store.raiseDayReceived(run, stored(40));
    expect(await store.readProgress(run)).toMatchObject({ publishedIndex: 7, headId: 500 });
    expect(await store.readDay(run, 0)).toMatchObject({ dayReceived: 60, completedAt: null });
  });

  it('the record of a day keeps its first publication and first completion', async () => {
    await store.recordPublishedDay(run, day);
    await store.recordPublishedDay(run, { ...day, pickedUpAt: 't8', publishedAt: 't9', requestedAt: null });
    await store.raiseDayReceived(run, stored(100));
    await store.raiseDayReceived(run, stored(100, 't8'));
    expect(await store.readDay(run, 0)).toMatchObject({
      pickedUpAt: 't0.5',
      publishedAt: 't1',
      publishedAgainAt: 't9',
      requestedAt: 't0',
      completedAt: 't2',
    });
  });

  it('the consumer may record a day before the producer does', async () => {
    await store.raiseDayReceived(run, stored(100));
    await store.recordPublishedDay(run, day);
    expect(await store.readDay(run, 0)).toMatchObject({
      dayReceived: 100,
      requestedAt: 't0',
      publishedAt: 't1',
      completedAt: 't2',
    });
  });

  it('the counts of many days are raised together, the incomplete ones too', async () => {
    const counts = dates
      .slice(0, 250)
      .map((date, dayIndex) => ({ ...stored(dayIndex === 249 ? 7 : 100), dayIndex, date }));
    await store.raiseDaysReceived(run, counts);
    const days = await store.readDays(run);
    expect(days.map(({ date }) => date)).toEqual(dates.slice(0, 250));
    expect(days.map(({ dayReceived }) => dayReceived)).toEqual([...Array<number>(249).fill(100), 7]);
    expect(days.filter(({ completedAt }) => completedAt === 't2').map(({ dayIndex }) => dayIndex)).toEqual(
      Array.from({ length: 249 }, (_, dayIndex) => dayIndex),
    );
  });

  it('a day that was recorded before keeps its record and doesn’t hold up the others', async () => {
    await store.raiseDayReceived(run, { ...stored(101), dayIndex: 1 });
    await store.raiseDayReceived(run, { ...stored(60), dayIndex: 2 });
    const counts = [0, 1, 2, 3].map((dayIndex) => ({ ...stored(100, 't8'), dayIndex }));
    await store.raiseDaysReceived(run, counts);
    expect(await store.readDays(run)).toMatchObject([
      { dayReceived: 100, completedAt: 't8' },
      { dayReceived: 101, completedAt: 't2' },
      { dayReceived: 100, completedAt: 't8' },
      { dayReceived: 100, completedAt: 't8' },
    ]);
  });

  it('a backlog of 120 completed days is recorded by three updates', async () => {
    const { store: counted, client } = await freshStoreWithClient();
    await counted.register({ dates });
    const id = (await counted.readState())?.runId ?? '';
    let updates = 0;
    client.middlewareStack.add((next) => (args) => {
      updates += 1;
      return next(args);
    });
    const counts = dates.slice(0, 120).map((date, dayIndex) => ({ ...stored(100), dayIndex, date }));
    await counted.raiseDaysReceived(id, counts);
    expect(updates).toBe(3);
    const days = await counted.readDays(id);
    expect(days.map(({ dayIndex }) => dayIndex)).toEqual(counts.map(({ dayIndex }) => dayIndex));
    expect((await counted.readDays(id, 119)).map(({ dayIndex }) => dayIndex)).toEqual([119]);
  });

  it('a completion that an earlier version recorded with the day stands', async () => {
    const { store: upgraded, client } = await freshStoreWithClient();
    await upgraded.register({ dates });
    const id = (await upgraded.readState())?.runId ?? '';
    const item = {
      date: dates[0],
      day_total: 100,
      day_received: 100,
      published_at: 't1',
      completed_at: 't2',
    };
    await client.send(
      new PutCommand({ TableName: 'simulation', Item: { pk: `RUN#${id}`, sk: 'DAY#0000', ...item } }),
    );
    const expected = { dayIndex: 0, dayReceived: 100, publishedAt: 't1', completedAt: 't2' };
    expect(await upgraded.readDay(id, 0)).toMatchObject(expected);
    await upgraded.raiseDayReceived(id, stored(100, 't8'));
    expect(await upgraded.readDays(id)).toMatchObject([expected]);
  });

  it('each of several consumers that complete the same days at once succeeds', async () => {
    const counts = [0, 1, 2, 3].map((dayIndex) => ({ ...stored(100), dayIndex }));
    await Promise.all(Array.from({ length: 6 }, () => store.raiseDaysReceived(run, counts)));
    expect(await store.readDays(run)).toMatchObject(
      counts.map(({ dayIndex }) => ({ dayIndex, dayReceived: 100, completedAt: 't2' })),
    );
  });

  it('a day without sales is complete as soon as it is published', async () => {
    await store.recordPublishedDay(run, { ...day, dayTotal: 0 });
    expect((await store.readDay(run, 0))?.completedAt).toBe('t1');
  });
});

describe('a snapshot', () => {
  /** A day of one sale that is stored. */
  const whole = (dayIndex: number) => ({
    dayIndex,
    date: dates[dayIndex] ?? '',
    dayTotal: 1,
    received: 1,
    at: 't',
  });

  it('a snapshot is the same with a right hint, a wrong one and none', async () => {
    await store.register({ dates: dates.slice(0, 3) });
    await store.advanceDays(1, click);
    const run = await currentRun();
    await store.raiseDayReceived(run, {
      dayIndex: 0,
      date: '2022-01-01',
      dayTotal: 100,
      received: 9,
      at: 't',
    });
    const plain = await store.readSnapshot();
    expect(plain).toMatchObject({
      state: { dayIndex: 0 },
      day: { dayReceived: 9 },
      calendar: { dates: dates.slice(0, 3) },
    });
    expect(await store.readSnapshot({ runId: run, dayIndex: 0 })).toEqual(plain);
    expect(await store.readSnapshot({ runId: run, dayIndex: 2 })).toEqual(plain);
    expect(await store.readSnapshot({ runId: 'another', dayIndex: 0 })).toEqual(plain);
  });

  it('a snapshot has a posted day total until the next click, even before the first init', async () => {
    await store.declareDayTotal(50);
    expect(await store.readSnapshot()).toMatchObject({ state: null, declaredDayTotal: 50 });
    await store.register({ dates });
    expect(await store.readSnapshot()).toMatchObject({ declaredDayTotal: null });
    await store.declareDayTotal(60);
    expect(await store.readSnapshot()).toMatchObject({ declaredDayTotal: 60 });
    await store.advanceDays(1, click);
    expect(await store.readSnapshot()).toMatchObject({ declaredDayTotal: null });
  });

  it('a run is complete when its last day and all others are stored', async () => {
    await store.register({ dates: dates.slice(0, 2) });
    await store.advanceDays(2, click);
    const run = await currentRun();
    await store.raiseDayReceived(run, whole(1));
    expect((await store.readSnapshot()).allDaysComplete).toBe(false);
    await store.raiseDayReceived(run, whole(0));
    expect((await store.readSnapshot()).allDaysComplete).toBe(true);
  });

  it('a status asked for often while earlier days of a long run are stored reads each complete day once', async () => {
    const [days, late] = [230, 120];
    await store.register({ dates: dates.slice(0, days) });
    await store.advanceDays(days, click);
    const run = await currentRun();
    const others = Array.from({ length: days }, (_, dayIndex) => dayIndex).filter((day) => day !== late);
    for (const dayIndex of others) await store.raiseDayReceived(run, whole(dayIndex));
    let read = 0;
    lossy.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { Items = [] } = itemsOf.parse(result.output);
        read += Items.length;
        return result;
      },
      { step: 'initialize' },
    );
    for (let poll = 0; poll < 10; poll += 1) expect((await store.readSnapshot()).allDaysComplete).toBe(false);
    expect(read).toBeLessThanOrEqual(100 + 10 * 100);
    await store.raiseDayReceived(run, whole(late));
    expect((await store.readSnapshot()).allDaysComplete).toBe(true);
    read = 0;
    expect((await store.readSnapshot()).allDaysComplete).toBe(true);
    expect(read).toBe(0);
  });
});
