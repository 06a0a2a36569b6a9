import { describe, expect, test } from 'vitest';
import { type LedgerDay, tracePosition, traceSteps } from '../../../../web/state/trace.ts';
import type { Api } from '../../../../web/stream/api.ts';
import { observeClicks } from '../../../../web/stream/click-log.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const DAY: LedgerDay = {
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
    expect(traceSteps(DAY, CLICK, AHEAD + 34)).toEqual({ api: 4, dynamodb: 6, kafka: 9, mysql: 12, you: 7 });
  });

  test('the steps of a click from another page leave out what only that page knows', () => {
    expect(traceSteps(DAY, null, AHEAD + 34)).toMatchObject({ api: null, dynamodb: 6, mysql: 12, you: null });
  });

  test('the steps leave out times that the ledger doesn’t have', () => {
    expect(traceSteps({ ...DAY, requested_at: null, picked_up_at: null }, CLICK, AHEAD + 34)).toEqual({
      api: 4,
      dynamodb: null,
      kafka: null,
      mysql: 12,
      you: null,
    });
    expect(traceSteps({ ...DAY, completed_at: null }, CLICK, null)).toMatchObject({ mysql: null, you: null });
  });

  test('no step takes a negative time', () => {
    expect(traceSteps({ ...DAY, completed_at: at(14) }, CLICK, AHEAD + 10)).toMatchObject({
      mysql: 0,
      you: 0,
    });
  });
});

describe('the step a click is at', () => {
  const stored = (received: number) => ({ received, total: 100 });
  test.each([
    ['a click is being requested', { isAsking: true, stored: null, isShown: false }, 0],
    ['a click is accepted', { isAsking: false, stored: stored(0), isShown: false }, 1],
    ['the day of a click is partly stored', { isAsking: false, stored: stored(40), isShown: false }, 3],
    ['the day of a click is stored', { isAsking: false, stored: stored(100), isShown: false }, 4],
    ['the day of a click is shown', { isAsking: false, stored: stored(100), isShown: true }, null],
    ['there is no day yet', { isAsking: false, stored: null, isShown: false }, null],
  ])('the trace lights the right step while %s', (_, state, position) => {
    expect(tracePosition(state)).toBe(position);
  });
});

describe('the clicks of this page', () => {
  const api = (dayIndex: number | null): Api => ({
    read: async () => ({ problem: problem }),
    post: async () => ({ problem: problem }),
    reset: async () => ({ problem: problem }),
    advanceDays: async () =>
      dayIndex === null
        ? { problem }
        : { body: { status: 'ok', current_day: '2022-01-01', day_index: dayIndex, days: 1, run_id: 'r' } },
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

  test('a refused click led to no day', async () => {
    const clicks = observeClicks(api(null), () => undefined);
    await clicks.api.advanceDays(1);
    expect(clicks.isAsking()).toBe(false);
    expect(clicks.of('r', 0)).toBeNull();
  });
});
