import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LedgerTimes, traceOf, tracePosition } from '../../../../web/state/trace.ts';
import type { Api } from '../../../../web/stream/api.ts';
import { observeClicks } from '../../../../web/stream/click-log.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const DAY: LedgerTimes = {
  day_index: 3,
  date: '2022-01-04',
  requested_at: at(0),
  picked_up_at: at(6),
  published_at: at(15),
  completed_at: at(27),
};
/** The page's clock is an hour ahead of the servers'. */
const AHEAD = Date.UTC(2026, 0, 1) + 3_600_000;
const CLICK = { sentAt: AHEAD - 2, answeredAt: AHEAD + 2 };

describe('the steps of a day', () => {
  test('the steps of a day come from the ledger and the page’s clock, whatever the offset between the clocks', () => {
    expect(traceOf(DAY, CLICK, AHEAD + 34)).toEqual({
      steps: { api: 2, dynamodb: 6, kafka: 9, mysql: 12, you: 7 },
      total: 36,
    });
  });

  test('the steps of a click from another page leave out what only that page knows', () => {
    expect(traceOf(DAY, null, AHEAD + 34)).toEqual({
      steps: { api: null, dynamodb: 6, kafka: 9, mysql: 12, you: null },
      total: 27,
    });
  });

  test('the steps leave out times that the ledger doesn’t have', () => {
    expect(traceOf({ ...DAY, requested_at: null, picked_up_at: null }, CLICK, AHEAD + 34)).toEqual({
      steps: { api: 2, dynamodb: null, kafka: null, mysql: 12, you: null },
      total: 36,
    });
    expect(traceOf({ ...DAY, completed_at: null }, CLICK, null)).toMatchObject({
      steps: { mysql: null, you: null },
      total: null,
    });
  });

  test('no step takes a negative time', () => {
    expect(traceOf({ ...DAY, completed_at: at(14) }, CLICK, AHEAD + 10).steps).toMatchObject({
      mysql: 0,
      you: 0,
    });
  });
});

test('the steps add up to exactly the time from the click to the last sale, however the clocks and the answer behave', () => {
  const ms = fc.integer({ min: -50, max: 20_000 });
  const times = fc.record({ requested: ms, pickedUp: ms, published: ms, completed: ms });
  const clicks = fc.record({ roundTrip: fc.nat(9_999), seenAfter: fc.nat(30_000), ahead: fc.integer() });
  fc.assert(
    fc.property(times, clicks, ({ requested, pickedUp, published, completed }, click) => {
      const day = {
        ...DAY,
        requested_at: at(requested),
        picked_up_at: at(pickedUp),
        published_at: at(published),
        completed_at: at(completed),
      };
      const sentAt = AHEAD + click.ahead;
      const { steps, total } = traceOf(
        day,
        { sentAt, answeredAt: sentAt + click.roundTrip },
        sentAt + click.seenAfter,
      );
      const each = Object.values(steps).map((step) => step ?? Number.NaN);
      expect(Math.min(...each)).toBeGreaterThanOrEqual(0);
      expect(each.reduce((sum, step) => sum + step, 0)).toBe(total);
      expect(total).toBe(click.seenAfter);
      const others = traceOf(day, null, null);
      const ofServers = [others.steps.dynamodb, others.steps.kafka, others.steps.mysql];
      expect(ofServers.reduce((sum: number, step) => sum + (step ?? Number.NaN), 0)).toBe(others.total);
    }),
  );
});

describe('the step a click is at', () => {
  const stored = (received: number) => ({ received, total: 100 });
  test.each([
    [
      'sales of earlier days arrive',
      { isAsking: false, stored: stored(0), isShown: false, isDraining: true },
      3,
    ],
    ['a click is being requested', { isAsking: true, stored: null, isShown: false }, 0],
    ['a click is accepted', { isAsking: false, stored: stored(0), isShown: false }, 1],
    ['the day of a click is partly stored', { isAsking: false, stored: stored(40), isShown: false }, 3],
    ['the day of a click is stored', { isAsking: false, stored: stored(100), isShown: false }, 4],
    ['the day of a click is shown', { isAsking: false, stored: stored(100), isShown: true }, null],
    ['there is no day yet', { isAsking: false, stored: null, isShown: false }, null],
  ])('the trace lights the right step while %s', (_, state, position) => {
    expect(tracePosition({ isDraining: false, ...state })).toBe(position);
  });
});

describe('the clicks of this page', () => {
  const api = (dayIndex: number | null, days = 1): Api => ({
    read: async () => ({ problem: problem }),
    readAtOnce: async () => ({ problem: problem }),
    query: async () => ({ problem: problem }),
    post: async () => ({ problem: problem }),
    reset: async () => ({ problem: problem }),
    advanceDays: async () =>
      dayIndex === null
        ? { problem }
        : { body: { status: 'ok', current_day: '2022-01-01', day_index: dayIndex, days, run_id: 'r' } },
  });
  const problem = { code: 'x', title: '', detail: '', remedy: '', retryAfter: null };

  test('a click of this page is known by the day it led to, and while it has no answer', async () => {
    let changes = 0;
    const clicks = observeClicks(api(7), () => {
      changes += 1;
    });
    const answer = clicks.api.advanceDays(1);
    expect(clicks.isAsking()).toBe(true);
    await answer;
    expect(clicks.isAsking()).toBe(false);
    expect(changes).toBe(2);
    expect(clicks.of('r', 7)?.answeredAt).toBeGreaterThanOrEqual(clicks.of('r', 7)?.sentAt ?? Number.NaN);
    expect(clicks.of('r', 8)).toBeNull();
    expect(clicks.of('next run', 7)).toBeNull();
  });

  test('a click that advanced several days is known by each of them', async () => {
    const clicks = observeClicks(api(7, 3), () => undefined);
    await clicks.api.advanceDays(3);
    expect([4, 5, 6, 7, 8].map((day) => clicks.of('r', day) !== null)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test('a refused click led to no day', async () => {
    const clicks = observeClicks(api(null), () => undefined);
    await clicks.api.advanceDays(1);
    expect(clicks.isAsking()).toBe(false);
    expect(clicks.of('r', 0)).toBeNull();
  });
});
