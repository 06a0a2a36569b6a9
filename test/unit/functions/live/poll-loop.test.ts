import { describe, expect, test } from 'vitest';
import { createPollLoop } from '../../../../functions/live/live-stream.ts';
import { streamTimings } from '../../../../functions/live/timing.ts';
import { fakeClock } from '../../../support/fake-clock.ts';

/** A poll loop that records the time of each poll, and whose polls succeed or fail as the test chooses. */
function stage() {
  const clock = fakeClock();
  const polls: number[] = [];
  const log: string[] = [];
  const outcome = { isComingIn: false, fails: false };
  let rests = 0;
  let held: Promise<void> | null = null;
  const loop = createPollLoop({
    tail: {
      poll: async () => {
        polls.push(clock.now());
        await held;
        if (outcome.fails) throw new Error('away');
        return outcome.isComingIn;
      },
      forgetView: () => {
        rests += 1;
      },
    },
    clock,
    timings: streamTimings,
    logger: {
      warn: (...[message]: unknown[]) => void log.push(`warn ${message}`),
      info: (...[message]: unknown[]) => void log.push(`info ${message}`),
    },
  });
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  /** Milliseconds between the polls of a time span. */
  const pauses = async (ms: number) => {
    const from = polls.length;
    await clock.advance(ms);
    return polls.slice(from).map((at, index) => at - (polls[from + index - 1] ?? 0));
  };
  return { clock, polls, log, outcome, loop, hold, pauses, rests: () => rests };
}

describe('the poll loop', () => {
  test('the poll loop polls only between start and stop', async () => {
    const { clock, polls, loop, rests } = stage();
    await clock.advance(1_000);
    expect(polls).toEqual([]);
    loop.start();
    await clock.advance(500);
    loop.stop();
    await clock.advance(1_000);
    expect(polls).toEqual([0, 250, 500].map((at) => 1_000 + at));
    expect(rests()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('the poll loop polls often after a change, for longer while the day is incomplete, but not forever', async () => {
    const { loop, outcome, pauses } = stage();
    loop.start();
    await pauses(1_000);
    loop.noteChange();
    expect(new Set(await pauses(4_900))).toEqual(new Set([250, 50]));
    await pauses(500);
    expect(new Set(await pauses(2_000))).toEqual(new Set([250]));
    outcome.isComingIn = true;
    loop.noteChange();
    await pauses(300);
    expect(new Set(await pauses(59_000))).toEqual(new Set([50]));
    await pauses(2_000);
    expect(new Set(await pauses(2_000))).toEqual(new Set([250]));
  });

  test('the poll loop polls at once when woken, but never before the shortest pause is over', async () => {
    const { clock, loop, polls, pauses } = stage();
    loop.start();
    await clock.advance(100);
    loop.wake();
    await clock.advance(5);
    loop.wake();
    loop.wake();
    await clock.advance(15);
    expect(polls).toEqual([0, 100, 120]);
    expect(await pauses(500)).toEqual([250, 250]);
  });

  test('a long sequence of wake-ups does not cause more polls than a change does', async () => {
    const { clock, loop, polls } = stage();
    loop.start();
    for (let wakes = 0; wakes < 100; wakes += 1) {
      loop.wake();
      await clock.advance(5);
    }
    expect(polls).toEqual([0, 20, 40, 60, 80, 100, 150, 200, 250, 300, 350, 400, 450, 500]);
    await clock.advance(400);
    const before = polls.length;
    loop.wake();
    await clock.advance(1);
    expect(polls.length).toBe(before + 1);
  });

  test('a wake-up during a poll causes another poll, because the first may have missed the write', async () => {
    const { clock, loop, polls, hold } = stage();
    const release = hold();
    loop.start();
    await clock.advance(10);
    loop.wake();
    release();
    await clock.advance(240);
    expect(polls).toEqual([0, 30]);
  });

  test('a wake-up neither shortens the back-off after a failure nor polls for nobody', async () => {
    const { clock, loop, outcome, polls } = stage();
    outcome.fails = true;
    loop.start();
    for (let count = 0; count < 100; count += 1) {
      loop.wake();
      await clock.advance(10);
    }
    expect(polls).toEqual([0, 250, 750]);
    loop.stop();
    await clock.advance(0);
    loop.wake();
    await clock.advance(10_000);
    expect(polls).toHaveLength(3);
    expect(clock.pending()).toBe(0);
  });

  test('the poll loop backs off while polls fail, logs that once, and resumes its schedule afterwards', async () => {
    const { clock, loop, outcome, log, polls, pauses } = stage();
    outcome.fails = true;
    loop.start();
    await clock.advance(20_000);
    expect(polls.slice(0, 7)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750]);
    outcome.fails = false;
    await clock.advance(6_000);
    expect(new Set(await pauses(1_000))).toEqual(new Set([250]));
    expect(log).toEqual([
      'warn The live stream cannot read the stores; its viewers wait.',
      'info The live stream can read the stores again.',
    ]);
    outcome.fails = true;
    await clock.advance(400);
    expect(log).toHaveLength(3);
  });

  test('polls never overlap, however often the loop is stopped and started', async () => {
    const { clock, loop, polls, hold, rests } = stage();
    const release = hold();
    loop.start();
    for (let round = 0; round < 5; round += 1) {
      loop.stop();
      loop.start();
      await clock.advance(10);
    }
    expect(polls).toHaveLength(1);
    expect(rests()).toBe(0);
    release();
    await clock.advance(250);
    expect(polls).toHaveLength(2);
    loop.stop();
    await clock.advance(0);
    expect(rests()).toBe(1);
  });
});
