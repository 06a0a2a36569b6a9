import { vi } from 'vitest';

/** Waits for a condition, for as long as a busy machine may need. */
export function eventually<Result>(check: () => Result | Promise<Result>, seconds = 120): Promise<Result> {
  return vi.waitFor(check, { timeout: seconds * 1_000, interval: 20 });
}
