import { describe, expect, test } from 'vitest';
import { createPollLoop } from '../../../../functions/live/poll-loop.ts';
import { streamTimings } from '../../../../functions/live/timing.ts';
import { fakeClock } from '../../../support/fake-clock.ts';

/** A tailer whose looks are noted by their time and end as a test wants. */
function stage() {
  const clock = fakeClock();
  const looks: number[] = [];
  const log: string[] = [];
  const outcome = { isComingIn: false, fails: false };
  let rests = 0;
  let held: Promise<void> | null = null;
  const tailer = createPollLoop({
    tail: {
      poll: async () => {
        looks.push(clock.now());
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
  /** Times between looks within a span. */
  const pauses = async (ms: number) => {
    const from = looks.length;
    await clock.advance(ms);
    return looks.slice(from).map((at, index) => at - (looks[from + index - 1] ?? 0));
  };
  return { clock, looks, log, outcome, tailer, hold, pauses, rests: () => rests };
}

describe('the tailer', () => {
  test('does nothing before it is started and after it was stopped', async () => {
    const { clock, looks, tailer, rests } = stage();
    await clock.advance(1_000);
    expect(looks).toEqual([]);
    tailer.start();
    await clock.advance(500);
    tailer.stop();
    await clock.advance(1_000);
    expect(looks).toEqual([0, 250, 500].map((at) => 1_000 + at));
    expect(rests()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('looks often after a change, and longer so while the day is incomplete, but not for ever', async () => {
    const { tailer, outcome, pauses } = stage();
    tailer.start();
    await pauses(1_000);
    tailer.noteChange();
    expect(new Set(await pauses(4_900))).toEqual(new Set([250, 50]));
    await pauses(500);
    expect(new Set(await pauses(2_000))).toEqual(new Set([250]));
    outcome.isComingIn = true;
    tailer.noteChange();
    await pauses(300);
    expect(new Set(await pauses(59_000))).toEqual(new Set([50]));
    await pauses(2_000);
    expect(new Set(await pauses(2_000))).toEqual(new Set([250]));
  });

  test('looks at once when it is nudged, after as short a pause as there may be, and then as before', async () => {
    const { clock, tailer, looks, pauses } = stage();
    tailer.start();
    await clock.advance(100);
    tailer.wake();
    await clock.advance(5);
    tailer.wake();
    tailer.wake();
    await clock.advance(15);
    expect(looks).toEqual([0, 100, 120]);
    expect(await pauses(500)).toEqual([250, 250]);
  });

  test('looks again for a nudge that came during a look, which may have missed what was written', async () => {
    const { clock, tailer, looks, hold } = stage();
    const release = hold();
    tailer.start();
    await clock.advance(10);
    tailer.wake();
    release();
    await clock.advance(240);
    expect(looks).toEqual([0, 30]);
  });

  test('is not hurried by nudges while looks fail, nor waked by them when nobody watches', async () => {
    const { clock, tailer, outcome, looks } = stage();
    outcome.fails = true;
    tailer.start();
    for (let count = 0; count < 100; count += 1) {
      tailer.wake();
      await clock.advance(10);
    }
    expect(looks).toEqual([0, 250, 750]);
    tailer.stop();
    await clock.advance(0);
    tailer.wake();
    await clock.advance(10_000);
    expect(looks).toHaveLength(3);
    expect(clock.pending()).toBe(0);
  });

  test('slows down while looks fail, says so once, and looks as before when they succeed', async () => {
    const { clock, tailer, outcome, log, looks, pauses } = stage();
    outcome.fails = true;
    tailer.start();
    await clock.advance(20_000);
    expect(looks.slice(0, 7)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750]);
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

  test('never looks twice at once, however often it is stopped and started', async () => {
    const { clock, tailer, looks, hold, rests } = stage();
    const release = hold();
    tailer.start();
    for (let round = 0; round < 5; round += 1) {
      tailer.stop();
      tailer.start();
      await clock.advance(10);
    }
    expect(looks).toHaveLength(1);
    expect(rests()).toBe(0);
    release();
    await clock.advance(250);
    expect(looks).toHaveLength(2);
    tailer.stop();
    await clock.advance(0);
    expect(rests()).toBe(1);
  });
});
