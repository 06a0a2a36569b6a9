import { expect, test, vi } from 'vitest';
import { createPace } from '../../../../infra/lambda-host/event-sources/poll-schedule.ts';

test('looks often while things happen, seldom while it is quiet, at once after a nudge', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const pace = createPace({ busy: 20, quiet: 600_000 });
  await pace.untilNextLook();
  vi.advanceTimersByTime(6_000);
  let looked = false;
  const quiet = pace.untilNextLook().then(() => {
    looked = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(looked).toBe(false);
  pace.nudge();
  await quiet;
  for (let look = 0; look < 10; look += 1) await pace.untilNextLook();
  vi.advanceTimersByTime(6_000);
  pace.found();
  await pace.untilNextLook();
  vi.advanceTimersByTime(6_000);
  const last = pace.untilNextLook();
  pace.stop();
  await last;
  await pace.untilNextLook();
  vi.useRealTimers();
});
