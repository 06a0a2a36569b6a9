import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { freshStoreWithClient } from '../support/stores.ts';

const click = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: 'trace' };
const dates = Array.from({ length: 731 }, (_, day) =>
  new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10),
);

let store: SimulationStore;
let lossy: DynamoDBDocumentClient;
beforeEach(async () => {
  ({ store, client: lossy } = await freshStoreWithClient());
});

async function currentRun(): Promise<string> {
  return (await store.readState())?.runId ?? 'none';
}

describe('a click', () => {
  it('is refused before there is a calendar', async () => {
    expect(await store.advanceDays(1, click)).toEqual({ outcome: 'not_initialized' });
    await store.register({ dates: [] });
    expect(await store.advanceDays(1, click)).toEqual({ outcome: 'not_initialized' });
  });

  it('takes the next day and says so', async () => {
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

  it('takes what is left near the end, then is refused', async () => {
    await store.register({ dates: dates.slice(0, 5) });
    await store.advanceDays(3, click);
    expect(await store.advanceDays(10, click)).toMatchObject({
      outcome: 'advanced',
      days: 2,
      state: { dayIndex: 4 },
    });
    expect(await store.advanceDays(1, click)).toEqual({ outcome: 'completed' });
  });

  it('takes a day of its own among a hundred at once', async () => {
    await store.register({ dates });
    const clicks = await Promise.all(Array.from({ length: 100 }, () => store.advanceDays(1, click)));
    const days = clicks.map((made) => (made.outcome === 'advanced' ? made.state.dayIndex : -1));
    expect(days.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, day) => day));
  });

  it('shares out the last days exactly, whatever each caller asks for', async () => {
    await store.register({ dates: dates.slice(0, 40) });
    const clicks = await Promise.all(Array.from({ length: 30 }, () => store.advanceDays(7, click)));
    const taken = clicks.reduce((sum, made) => sum + (made.outcome === 'advanced' ? made.days : 0), 0);
    expect(taken).toBe(40);
    expect(await store.readState()).toMatchObject({ dayIndex: 39, daysLeft: 0 });
  });
});

describe('registering dates', () => {
  it('starts a run before its first day', async () => {
    expect(await store.register({ dates })).toEqual({ startedRun: true, totalDays: 731 });
    expect(await store.readState()).toMatchObject({
      dayIndex: -1,
      lastIndex: 730,
      daysLeft: 731,
      retired: {},
    });
    expect(await store.readProgress(await currentRun())).toMatchObject({ publishedIndex: -1, headId: 0 });
  });

  it('changes nothing for the same dates', async () => {
    await store.register({ dates, salesPerDay: dates.map(() => 100), dataSet: 'a' });
    await store.advanceDays(3, click);
    const before = await store.readState();
    expect(await store.register({ dates })).toEqual({ startedRun: false, totalDays: 731 });
    expect(await store.register({ dates, salesPerDay: dates.map(() => 100), dataSet: 'a' })).toMatchObject({
      startedRun: false,
    });
    expect(await store.readState()).toEqual(before);
  });

  it('starts a new run for other dates, and for other sales behind the same dates', async () => {
    await store.register({ dates, dataSet: 'a' });
    expect(await store.register({ dates: dates.slice(1), dataSet: 'b' })).toMatchObject({ startedRun: true });
    expect(await store.register({ dates: dates.slice(1), dataSet: 'c' })).toMatchObject({ startedRun: true });
  });

  it('of the same data set again leaves a run alone that a client has begun since with other dates', async () => {
    await store.register({ dates, dataSet: 'a' });
    await store.register({ dates: dates.slice(0, 3) });
    await store.advanceDays(2, click);
    const before = await store.readState();
    expect(await store.register({ dates, dataSet: 'a' })).toMatchObject({ startedRun: false });
    expect(await store.readState()).toEqual(before);
    expect(await store.register({ dates, dataSet: 'b' })).toMatchObject({ startedRun: true });
  });

  it('starts one run when many callers come first', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => store.register({ dates })));
    expect(answers.filter(({ startedRun }) => startedRun)).toHaveLength(1);
    expect((await store.readState())?.retired).toEqual({});
  });
});

describe('an answer that is lost on the way back', () => {
  /** The update is made, its answer is lost, and the SDK sends it again. */
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

  it('leaves the run that a reset has begun alive', async () => {
    await store.register({ dates });
    loseNextAnswer({ count: 1 });
    await store.reset();
    expect(await store.readProgress(await currentRun())).toMatchObject({ publishedIndex: -1 });
  });

  it('leaves the run that an init has begun alive', async () => {
    loseNextAnswer({ count: 1 });
    await store.register({ dates });
    expect(await store.readProgress(await currentRun())).toMatchObject({ publishedIndex: -1 });
  });
});

describe('a reset', () => {
  it('starts a new run and remembers how far the old one was accepted', async () => {
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

  it('does nothing before the first init', async () => {
    await store.reset();
    expect(await store.readState()).toBeNull();
  });

  it('loses no day that is accepted at the same moment', async () => {
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

  it('forgets a retired run once it is stored whole', async () => {
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

  it('only rises', async () => {
    await store.raisePublishedIndex(run, 7);
    await store.raisePublishedIndex(run, 3);
    await store.raiseHead(run, 500);
    await store.raiseHead(run, 400);
    await store.raiseDayReceived(run, stored(60));
    await store.raiseDayReceived(run, stored(40));
    expect(await store.readProgress(run)).toMatchObject({ publishedIndex: 7, headId: 500 });
    expect(await store.readDay(run, 0)).toMatchObject({ dayReceived: 60, completedAt: null });
  });

  it('keeps the first publication and the first completion', async () => {
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

  it('takes the consumer before the producer', async () => {
    await store.raiseDayReceived(run, stored(100));
    await store.recordPublishedDay(run, day);
    expect(await store.readDay(run, 0)).toMatchObject({
      dayReceived: 100,
      requestedAt: 't0',
      publishedAt: 't1',
      completedAt: 't2',
    });
  });

  it('has a day without sales complete as soon as it is published', async () => {
    await store.recordPublishedDay(run, { ...day, dayTotal: 0 });
    expect((await store.readDay(run, 0))?.completedAt).toBe('t1');
  });
});

describe('a snapshot', () => {
  it('is the same with a right hint, a wrong one and none', async () => {
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

  it('shows a posted day total until the next click, even before the first init', async () => {
    await store.declareDayTotal(50);
    expect(await store.readSnapshot()).toMatchObject({ state: null, declaredDayTotal: 50 });
    await store.register({ dates });
    expect(await store.readSnapshot()).toMatchObject({ declaredDayTotal: null });
    await store.declareDayTotal(60);
    expect(await store.readSnapshot()).toMatchObject({ declaredDayTotal: 60 });
    await store.advanceDays(1, click);
    expect(await store.readSnapshot()).toMatchObject({ declaredDayTotal: null });
  });

  it('calls a run complete when its last and all other days are in', async () => {
    await store.register({ dates: dates.slice(0, 2) });
    await store.advanceDays(2, click);
    const run = await currentRun();
    const whole = (dayIndex: number) => ({
      dayIndex,
      date: dates[dayIndex] ?? '',
      dayTotal: 1,
      received: 1,
      at: 't',
    });
    await store.raiseDayReceived(run, whole(1));
    expect((await store.readSnapshot()).allDaysComplete).toBe(false);
    await store.raiseDayReceived(run, whole(0));
    expect((await store.readSnapshot()).allDaysComplete).toBe(true);
  });
});
