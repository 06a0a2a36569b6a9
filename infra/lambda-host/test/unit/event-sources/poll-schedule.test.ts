import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createPollSchedule } from '../../../event-sources/poll-schedule.ts';

/** Polls as a source does until it is stopped. @returns the times of its polls, in milliseconds from the start. */
function pollTimes() {
  let time = 0;
  let alarm: { readonly at: number; readonly ring: () => void } | undefined;
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((ring) => {
      alarm = { at: time + ms, ring };
      signal.addEventListener('abort', () => ring());
    });
  const schedule = createPollSchedule({ busy: 250, quiet: 1_000 }, { now: () => time, sleep });
  const polls: number[] = [];
  let isStopped = false;
  void (async () => {
    for (;;) {
      await schedule.untilNextPoll();
      if (isStopped) return;
      polls.push(time);
    }
  })();
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1) {
      time += 1;
      if (alarm && alarm.at <= time) alarm.ring();
      await nextTurn();
    }
  };
  const stop = () => {
    isStopped = true;
    schedule.stop();
  };
  return { polls, schedule, advance, stop };
}

test('a wake-up is followed by polls some milliseconds later, not at once, when nothing would be found yet', async () => {
  const { polls, schedule, advance, stop } = pollTimes();
  await advance(100);
  schedule.wake();
  await advance(500);
  expect(polls).toEqual([103, 107, 117, 157, 257, 507]);
  stop();
});

test('a long sequence of wake-ups is polled for every 60 ms, so that each batch has several records', async () => {
  const { polls, schedule, advance, stop } = pollTimes();
  for (let wakes = 0; wakes < 50; wakes += 1) {
    schedule.wake();
    await advance(10);
  }
  const inSequence = polls.filter((at) => at > 100);
  expect(inSequence.map((at, index) => at - (inSequence[index - 1] ?? at)).slice(1)).toEqual(
    Array(inSequence.length - 1).fill(60),
  );
  expect(inSequence.length).toBeGreaterThan(5);
  const before = polls.length;
  await advance(120);
  expect(polls.length - before, 'the records of the last wake-up').toBe(2);
  await advance(500);
  schedule.wake();
  const after = polls.length;
  await advance(10);
  expect(polls.length - after, 'a wake-up after a pause is followed at once').toBe(2);
  stop();
});

/** When a write shows up in the stream, in milliseconds after the wake-up. */
const VISIBLE_MS = 4;

test.each([
  { every: 100, withinMs: 60 + VISIBLE_MS },
  { every: 150, withinMs: 8 },
  { every: 200, withinMs: 8 },
  { every: 240, withinMs: 8 },
])(
  'each of many wake-ups that come every $every ms is followed within $withinMs ms by a poll that finds its write',
  async ({ every, withinMs }) => {
    const { polls, schedule, advance, stop } = pollTimes();
    const wakes: number[] = [];
    for (let wake = 0; wake < 12; wake += 1) {
      schedule.wake();
      wakes.push(wake * every);
      await advance(every);
    }
    const waits = wakes.map((at) => (polls.find((poll) => poll >= at + VISIBLE_MS) ?? Infinity) - at);
    expect(Math.max(...waits)).toBeLessThanOrEqual(withinMs);
    stop();
  },
);

test('a poll in a long sequence waits until the write of the wake-up can be seen', async () => {
  const { polls, schedule, advance, stop } = pollTimes();
  for (let wake = 0; wake < 12; wake += 1) {
    schedule.wake();
    await advance(100);
  }
  expect(polls.filter((at) => at >= 500 && at % 100 < 3)).toEqual([]);
  stop();
});

test('wake-ups never put a poll off, however often they come', async () => {
  const { polls, schedule, advance, stop } = pollTimes();
  for (let wakes = 0; wakes < 300; wakes += 1) {
    schedule.wake();
    await advance(1);
  }
  expect(polls.length).toBeGreaterThanOrEqual(5);
  stop();
});

test('a source polls often after activity, rarely when idle, and at once when woken', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const schedule = createPollSchedule({ busy: 20, quiet: 600_000 });
  await schedule.untilNextPoll();
  vi.advanceTimersByTime(6_000);
  let looked = false;
  const quiet = schedule.untilNextPoll().then(() => {
    looked = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(looked).toBe(false);
  schedule.wake();
  await quiet;
  for (let poll = 0; poll < 10; poll += 1) await schedule.untilNextPoll();
  vi.advanceTimersByTime(6_000);
  schedule.found();
  await schedule.untilNextPoll();
  vi.advanceTimersByTime(6_000);
  const last = schedule.untilNextPoll();
  schedule.stop();
  await last;
  await schedule.untilNextPoll();
  vi.useRealTimers();
});
