import { expect, test } from 'vitest';
import { briefly } from '../../../../functions/system/consumer-lag.ts';

/** A lag that grows by one with each time it is read. */
function fixture() {
  const clock = { time: 0 };
  let total = 0;
  const read = briefly(
    async () => {
      total += 1;
      if (total === 2) throw new Error('no broker');
      return { total, partitions: [] };
    },
    () => clock.time,
  );
  return { clock, read: async () => (await read()).total };
}

test('a lag is read again once it is 200 ms old', async () => {
  const { clock, read } = fixture();
  expect(await read()).toBe(1);
  clock.time = 199;
  expect(await read()).toBe(1);
  clock.time = 200;
  await expect(read()).rejects.toThrow('no broker');
  // A failure is not kept.
  expect(await read()).toBe(3);
});
