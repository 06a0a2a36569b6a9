import { expect, test, vi } from 'vitest';
import { createPollSchedule } from '../../../event-sources/poll-schedule.ts';

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
