import { describe, expect, test } from 'vitest';
import {
  formatAmount,
  formatChange,
  formatCount,
  formatDate,
  formatExactAmount,
  formatPoints,
  formatShare,
  speakDate,
} from '../../../../web/format.ts';
import { addArrival, arrivalRate } from '../../../../web/state/backlog.ts';
import { problemOf } from '../../../../web/state/problem.ts';
import { addToRun } from '../../../../web/state/run.ts';
import { emptyRun, initialState, type PageState } from '../../../../web/state/state.ts';
import { connectionText, emptyStateOf, isSilent, progressOf } from '../../../../web/views/words.ts';
import { storedSale } from '../../../support/live-world.ts';

describe('numbers and dates', () => {
  test('numbers and dates have thousands separators, units and English names, whatever the time zone', () => {
    expect(formatAmount(81_244_049)).toBe('812,440');
    expect(formatExactAmount(123_450)).toBe('1,234.50');
    expect(formatDate('2023-02-14')).toBe('Tue 14 Feb 2023');
    expect(speakDate('2023-02-14')).toBe('Tuesday 14 February 2023');
    expect(formatShare(1, 3)).toBe('33 %');
    expect(formatShare(0, 0)).toBe('–');
  });

  test('a change shows its direction by a sign, not by colour alone', () => {
    expect(formatChange(104, 100)).toEqual({ text: '▲ 4 %', trend: 'up' });
    expect(formatChange(99, 100)).toEqual({ text: '▼ 1 %', trend: 'down' });
    expect(formatChange(100, 100)).toEqual({ text: '= same', trend: 'flat' });
  });

  test('a small change is never shown as none', () => {
    expect(formatChange(100.24, 100)).toEqual({ text: '▲ 0.2 %', trend: 'up' });
    expect(formatChange(99.51, 100)).toEqual({ text: '▼ 0.5 %', trend: 'down' });
    expect(formatChange(100_001, 100_000)).toEqual({ text: '▲ < 0.1 %', trend: 'up' });
    expect(formatChange(5, 0)).toBeNull();
  });

  test('one of something is in the singular', () => {
    expect(formatCount(1, 'sale')).toBe('1 sale');
    expect(formatCount(1_312, 'sale')).toBe('1,312 sales');
    expect(formatPoints(0.04, 0.03).text).toBe('▲ 1 pt');
    expect(formatPoints(0.01, 0.03).text).toBe('▼ 2 pts');
  });
});

describe('the connection in words', () => {
  const text = (state: Partial<PageState>, now = 10_000) =>
    connectionText({ ...initialState, ...state }, now);
  const away = (code: string | null): Partial<PageState> => ({
    connection: {
      kind: 'away',
      retryAt: 13_100,
      problem: code === null ? null : { code, title: '', detail: '', remedy: '', retryAfter: null },
    },
  });

  test.each([
    ['server_unreachable', 'Server unreachable, retrying in 4 s'],
    ['too_many_viewers', 'Too many viewers, retrying in 4 s'],
    ['http_503', 'Server not ready, retrying in 4 s'],
    [null, 'Stream closed, retrying in 4 s'],
  ])('after the problem %s, the header says why the page reconnects, and when', (code, words) => {
    expect(text(away(code))).toEqual({ text: words, isWaiting: true });
  });

  test('the countdown to a retry never goes below zero', () => {
    expect(text(away(null), 99_000).text).toBe('Stream closed, retrying in 0 s');
  });

  test('a connection is not shown as live after more silence than a heartbeat allows', () => {
    const connection = { kind: 'live', since: 1_000, resumed: false } as const;
    const state = { ...initialState, connection };
    expect(connectionText(state, 14_000, 2_000)).toEqual({ text: 'Live', isWaiting: false });
    expect(connectionText(state, 16_500, 4_000)).toEqual({ text: 'No signal for 12 s', isWaiting: false });
    expect(isSilent(state, 12_900, 0), 'the connection itself was heard').toBe(false);
  });

  test('the number of sales caught up with is shown for a while', () => {
    const connection = { kind: 'live', since: 9_000, resumed: true } as const;
    const catchUp = { upTo: null, sales: 1_312, at: 9_500 };
    expect(text({ connection, catchUp }).figure).toEqual({ meaning: 'caught up,', value: '+1,312 sales' });
    expect(text({ connection, catchUp }, 60_000)).toEqual({ text: 'Live', isWaiting: false });
  });
});

describe('the empty state', () => {
  const status = {
    current_day: null,
    day_index: -1,
    total_days: 731,
    day_total: 0,
    day_received: 0,
    is_running: false,
    is_complete: false,
    progress_pct: 0,
    run_id: null,
  };

  test('the empty state is shown without a data set, before the first day and after the last, and not in between', () => {
    expect(emptyStateOf(initialState)).toBeNull();
    expect(emptyStateOf({ ...initialState, status: { ...status, total_days: 0 } })?.title).toMatch(
      /data set/,
    );
    expect(emptyStateOf({ ...initialState, status })?.text).toMatch(/Press Next day/);
    expect(
      emptyStateOf({ ...initialState, status: { ...status, is_running: true, day_index: 4 } }),
    ).toBeNull();
    const complete = { ...status, is_running: true, is_complete: true, day_index: 730 };
    expect(emptyStateOf({ ...initialState, status: complete })?.title).toBe('All 731 days have been played');
  });

  test('the empty state speaks of one day in the singular', () => {
    const one = { ...status, total_days: 1 };
    expect(emptyStateOf({ ...initialState, status: one })?.title).toMatch(/^1 day of shop history/);
    const complete = { ...one, is_running: true, is_complete: true, day_index: 0 };
    expect(emptyStateOf({ ...initialState, status: complete })?.title).toBe('The only day has been played');
  });
});

describe('the progress of a day', () => {
  const status = {
    current_day: '2022-01-03',
    day_index: 2,
    total_days: 731,
    day_total: 2,
    day_received: 1,
    is_running: true,
    is_complete: false,
    progress_pct: 50,
    run_id: 'r',
  };
  const arrived = (days: number): PageState => {
    const sales = Array.from({ length: days * 2 }, (_, index) =>
      storedSale({ day_index: Math.floor(index / 2), day_total: 2 }),
    );
    return { ...initialState, status, run: { ...addToRun(emptyRun, sales, 0), hasHistory: true } };
  };

  test('the progress counts the sales of the day, or of all days while several are under way', () => {
    expect(progressOf(initialState, 0)).toEqual({ percent: 0, text: 'no day yet' });
    expect(progressOf(arrived(2), 0)).toEqual({ percent: 50, text: '1 of 2 sales' });
    expect(progressOf(arrived(1), 0)).toEqual({
      percent: 33.3,
      text: '1 of 3 days stored · 4 sales under way · waiting',
    });
  });

  test('a page that was opened in the middle of a jump doesn’t count the sales of a day that it doesn’t show', () => {
    const run = { ...arrived(1).run, hasHistory: false };
    expect(progressOf({ ...arrived(1), run }, 0)).toEqual({ percent: 0, text: 'catching up to day 3' });
  });

  test('while several days are under way, the progress estimates the time left from the sales that have arrived', () => {
    let arrivals = addArrival([], 4, 0);
    for (const at of [100, 1_000, 2_000, 3_000]) arrivals = addArrival(arrivals, 1, at);
    expect(arrivalRate(arrivals, 4_000)).toBe(2);
    expect(progressOf({ ...arrived(1), arrivals }, 4_000).text).toMatch(/4 sales under way · about 2 s$/);
    expect(progressOf({ ...arrived(1), arrivals: addArrival([], 1, 0) }, 4_900).text).toMatch(/about 20 s$/);
    expect(progressOf({ ...arrived(1), arrivals }, 60_000).text).toMatch(/waiting$/);
  });
});

describe('a refusal', () => {
  test('a refusal is shown as its problem document says, with a remedy', async () => {
    const response = Response.json(
      { code: 'all_days_completed', title: 'All days have been played', detail: 'All days completed.' },
      { status: 400, headers: { 'retry-after': '7' } },
    );
    expect(await problemOf(response)).toEqual({
      code: 'all_days_completed',
      title: 'All days have been played',
      detail: 'All days completed.',
      remedy: 'Press Reset to start a new run.',
      retryAfter: 7,
    });
  });

  test('a refusal without a problem document is shown too', async () => {
    const problem = await problemOf(new Response('<h1>502</h1>', { status: 502 }));
    expect(problem).toMatchObject({ code: 'http_502', retryAfter: null });
    expect(problem.detail).toContain('502');
    expect(problem.remedy).not.toBe('');
  });
});
