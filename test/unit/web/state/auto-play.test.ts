import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AdvanceOutcome, createAutoPlay, dueAdvance } from '../../../../web/state/auto-play.ts';
import { addToRun } from '../../../../web/state/run.ts';
import { emptyRun, initialState, type PageState } from '../../../../web/state/state.ts';
import { storedSale } from '../../../support/live-world.ts';

describe('the days that are due', () => {
  test('one day is due after each interval', () => {
    expect(dueAdvance(999, 1_000, 2)).toBeNull();
    expect(dueAdvance(1_000, 1_000, 2)).toEqual({ days: 1, nextAt: 1_500 });
  });

  test('days missed during a slow click are caught up, but at most a second’s worth', () => {
    expect(dueAdvance(1_250, 1_000, 10)).toEqual({ days: 3, nextAt: 1_300 });
    expect(dueAdvance(60_000, 1_000, 10)).toEqual({ days: 10, nextAt: 60_000 });
    expect(dueAdvance(60_000, 1_000, 0.5)).toEqual({ days: 1, nextAt: 60_000 });
  });

  test('no more days are due than the speed allows, however long clicks take', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0.5, 1, 2, 5, 10),
        fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 50 }),
        (speed, durations) => {
          let [now, dueAt, days] = [0, 0, 0];
          for (const duration of durations) {
            now = Math.max(now, dueAt);
            const due = dueAdvance(now, dueAt, speed);
            days += due?.days ?? 0;
            dueAt = due?.nextAt ?? dueAt;
            now += duration;
          }
          expect(days).toBeLessThanOrEqual(1 + (now / 1_000) * speed);
        },
      ),
    );
  });
});

describe('auto-play', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function stage(outcome: AdvanceOutcome = 'accepted') {
    const clicks: number[] = [];
    const stop = vi.fn();
    const play = createAutoPlay({
      click: async (days) => {
        clicks.push(days);
        return outcome;
      },
      stop,
      now: () => Date.now(),
    });
    const show = (fields: Partial<PageState>) =>
      play({ ...initialState, connection: { kind: 'live', since: 0, resumed: false }, ...fields });
    const playing = (daysPerSecond: number, isPlaying = true): Partial<PageState> => ({
      play: { isPlaying, daysPerSecond },
    });
    return { clicks, stop, show, playing };
  }

  test('auto-play clicks at once and then at its speed, and a new speed applies immediately', async () => {
    const { clicks, show, playing } = stage();
    show(playing(2));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(clicks).toEqual([1, 1, 1, 1]);
    show(playing(10));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(clicks.length).toBeGreaterThanOrEqual(13);
    expect(clicks.length).toBeLessThanOrEqual(15);
  });

  test('auto-play stops when it is paused', async () => {
    const { clicks, show, playing } = stage();
    show(playing(10));
    await vi.advanceTimersByTimeAsync(50);
    show(playing(10, false));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clicks).toEqual([1]);
  });

  test('auto-play waits while the stream is disconnected, then continues at its speed', async () => {
    const { clicks, show, playing } = stage();
    show({ ...playing(10), connection: { kind: 'away', retryAt: 0, problem: null } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(clicks).toEqual([]);
    show(playing(10));
    await vi.advanceTimersByTimeAsync(90);
    expect(clicks).toEqual([1]);
  });

  test('auto-play waits while more than a second’s worth of days is under way in the pipeline', async () => {
    const { clicks, show, playing } = stage();
    const status = {
      current_day: '2022-01-21',
      day_index: 20,
      total_days: 60,
      day_total: 1,
      day_received: 0,
      is_running: true,
      is_complete: false,
      progress_pct: 0,
      run_id: 'r',
    };
    const withDays = (days: number): Partial<PageState> => {
      const sales = Array.from({ length: days }, (_, day_index) => storedSale({ day_index, day_total: 1 }));
      return { status, run: { ...addToRun(emptyRun, sales, 0), hasHistory: true } };
    };
    show({ ...playing(5), ...withDays(10) });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clicks).toEqual([]);
    // Accepted days are under way before the stream tells of them.
    show({ ...playing(5), ...withDays(18), ownDay: { runId: 'r', dayIndex: 23 } });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clicks).toEqual([]);
    show({ ...playing(5), ...withDays(18), ownDay: { runId: 'another', dayIndex: 23 } });
    await vi.advanceTimersByTimeAsync(400);
    expect(clicks.length).toBeGreaterThan(0);
  });

  test('auto-play retries while the server is unreachable, and ends when a click is refused', async () => {
    const away = stage('away');
    away.show(away.playing(10));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(away.clicks).toEqual([1, 1, 1]);
    expect(away.stop).not.toHaveBeenCalled();
    const refused = stage('refused');
    refused.show(refused.playing(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(refused.stop).toHaveBeenCalledOnce();
  });

  test('auto-play ends when a click fails', async () => {
    const failed = stage('failed');
    failed.show(failed.playing(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(failed.stop).toHaveBeenCalledOnce();
  });

  test('a bug of the page during a click is reported and ends auto-play, which can be started again', async () => {
    const told = vi.fn();
    vi.stubGlobal('reportError', told);
    let clicks = 0;
    const stop = vi.fn();
    const { playing } = stage();
    const play = createAutoPlay({
      click: async () => {
        clicks += 1;
        throw new Error('no such answer');
      },
      stop,
      now: () => Date.now(),
    });
    const live = { kind: 'live', since: 0, resumed: false } as const;
    for (const isPlaying of [true, false, true]) {
      play({ ...initialState, connection: live, ...playing(1, isPlaying) });
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(clicks).toBe(2);
    expect(stop).toHaveBeenCalledTimes(2);
    expect(told).toHaveBeenCalledTimes(2);
    vi.unstubAllGlobals();
  });

  test('auto-play makes no click after the last day, even before the page has drawn that playback is over', async () => {
    const { clicks, stop, show, playing } = stage('ended');
    show(playing(10));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clicks).toEqual([1]);
    expect(stop).toHaveBeenCalledOnce();
  });
});
