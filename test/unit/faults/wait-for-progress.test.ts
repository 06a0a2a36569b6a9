import { describe, expect, it } from 'vitest';
import { createProgressWaiter } from '../../faults/wait-for-progress.ts';

const STALL_MS = 200;

describe('waiting for progress', () => {
  it('a wait continues for as long as anything changes', async () => {
    const startedAt = performance.now();
    let looks = 0;
    const eventually = createProgressWaiter(async () => String(looks), STALL_MS);
    const result = await eventually(() => {
      looks += 1;
      if (performance.now() - startedAt < 5 * STALL_MS) throw new Error('not yet');
      return 'there';
    });
    expect(result).toBe('there');
    expect(looks).toBeGreaterThan(1);
  });

  it('a wait without progress fails with the state and the missing condition', async () => {
    const eventually = createProgressWaiter(async () => 'day 12', STALL_MS);
    const missing = () => expect(12).toBe(23);
    await expect(eventually(missing)).rejects.toThrow(
      /expected 12 to be 23.*Nothing has moved for 0.2 s: day 12/,
    );
  });
});
