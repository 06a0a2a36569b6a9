import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRefresh } from '../../../../web/stream/refresh.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const GAP_MS = 1_000;

/** A refresh with slow answers, and a record of what was started and shown. */
function world(answerMs = 10, isStillToCome = () => false) {
  const begun: number[] = [];
  const shown: number[] = [];
  let isLookedAt = true;
  const refresh = createRefresh(
    async (signal) => {
      const number = begun.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      if (signal.aborted) return;
      shown.push(number);
      if (isStillToCome()) refresh.follow();
    },
    () => isLookedAt,
    GAP_MS,
  );
  const look = (does: boolean) => {
    isLookedAt = does;
    refresh.resume();
  };
  return { refresh, begun, shown, look };
}

describe('data that changes', () => {
  test('changing data is requested at once, then at most once per gap, however often it changes', async () => {
    const { refresh, begun } = world();
    const begin = performance.now();
    for (let move = 0; move < 49; move += 1) {
      refresh.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(begun.map((at) => at - begin)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  });

  test('changing data is requested once after its last change, and then no more', async () => {
    const { refresh, begun } = world();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(500);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toHaveLength(2);
  });

  test('changing data is requested less often if answers are slow', async () => {
    const { refresh, begun } = world(2_000);
    const begin = performance.now();
    for (let move = 0; move < 200; move += 1) {
      refresh.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(begun.map((at) => at - begin)).toEqual([0, 8_000, 16_000]);
  });

  test('a reload is postponed while nobody is looking, and made when somebody is', async () => {
    const { refresh, begun, look } = world();
    look(false);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toHaveLength(0);
    look(true);
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    look(true);
    expect(begun).toHaveLength(1);
  });
});

describe('data at rest', () => {
  test('data at rest is requested at once when it changes, however long the last answer took', async () => {
    const { refresh, begun } = world(2_000);
    const begin = performance.now();
    for (let move = 0; move < 25; move += 1) {
      refresh.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    // The last change at 2,400 ms, and after it as long a rest as the answer took.
    expect(begun.map((at) => at - begin)).toEqual([0, 4_400]);
  });
});

describe('an incomplete answer', () => {
  test('an incomplete answer is requested again after growing gaps, until it is complete', async () => {
    let isStillToCome = true;
    const { refresh, begun } = world(10, () => isStillToCome);
    const begin = performance.now();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun.map((at) => at - begin)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 51_000]);
    isStillToCome = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toHaveLength(8);
  });

  test('an incomplete answer is requested again as soon as the gap allows when the data changes', async () => {
    const { refresh, begun } = world(10, () => true);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(20_000);
    const move = performance.now();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(begun.slice(5).map((at) => at - move)).toEqual([0, 1_000, 3_000]);
  });

  test('an incomplete answer is not requested again while nobody is looking', async () => {
    const { refresh, begun, look } = world(10, () => true);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(5);
    look(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toHaveLength(1);
    look(true);
    expect(begun).toHaveLength(2);
  });
});

describe('an error while an answer is shown', () => {
  test('an error while an answer is shown is reported, and later answers are still shown', async () => {
    const told = vi.fn();
    vi.stubGlobal('reportError', told);
    const fault = new Error('no such element');
    let begun = 0;
    const refresh = createRefresh(
      async () => {
        begun += 1;
        throw fault;
      },
      () => true,
      GAP_MS,
    );
    refresh.soon();
    await vi.advanceTimersByTimeAsync(10);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(GAP_MS);
    expect(begun).toBe(2);
    expect(told).toHaveBeenCalledWith(fault);
    vi.unstubAllGlobals();
  });
});

describe('a query of the person', () => {
  test('a query of the person is sent at once, however recent the last one is', async () => {
    const { refresh, begun } = world();
    refresh.now();
    await vi.advanceTimersByTimeAsync(20);
    refresh.now();
    expect(begun).toHaveLength(2);
  });

  test('a query that is still being changed waits for the last change', async () => {
    const { refresh, begun } = world();
    for (let move = 0; move < 10; move += 1) {
      refresh.now(120);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(begun).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(120);
    expect(begun).toHaveLength(1);
  });

  test('a new query cancels the one before, whose answer is never shown', async () => {
    const { refresh, shown } = world(300);
    refresh.now();
    await vi.advanceTimersByTimeAsync(100);
    refresh.now(120);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(shown).toEqual([2]);
  });

  test('a query does not lose a change of the data in the meantime', async () => {
    const { refresh, begun } = world(300);
    refresh.now();
    refresh.soon();
    refresh.now();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(begun).toHaveLength(3);
  });
});
