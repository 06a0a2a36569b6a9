import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRefresh } from '../../../../web/stream/refresh.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const GAP_MS = 1_000;

/** A refresh whose answers take a time, with what was begun and what was shown. */
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

describe('data that moves on', () => {
  test('is asked for at once, then once in the gap however often it moves', async () => {
    const { refresh, begun } = world();
    const begin = performance.now();
    for (let move = 0; move < 49; move += 1) {
      refresh.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(begun.map((at) => at - begin)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  });

  test('is asked for after its last move, and then no more', async () => {
    const { refresh, begun } = world();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(500);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toHaveLength(2);
  });

  test('is asked for less often where an answer takes long', async () => {
    const { refresh, begun } = world(2_000);
    const begin = performance.now();
    for (let move = 0; move < 200; move += 1) {
      refresh.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(begun.map((at) => at - begin)).toEqual([0, 8_000, 16_000]);
  });

  test('is not asked for while nobody looks, and made up for when somebody does', async () => {
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

describe('data that has come to rest', () => {
  test('is asked for at once, however long the last answer took', async () => {
    const { refresh, begun } = world(2_000);
    const begin = performance.now();
    for (let move = 0; move < 25; move += 1) {
      refresh.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    // The last move at 2,400 ms, and after it as long a rest as the answer took.
    expect(begun.map((at) => at - begin)).toEqual([0, 4_400]);
  });
});

describe('an answer that says that something is still to come', () => {
  test('is asked for again after longer and longer gaps, and no more when it has come', async () => {
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

  test('is asked for as soon as the gap allows when the data moves', async () => {
    const { refresh, begun } = world(10, () => true);
    refresh.soon();
    await vi.advanceTimersByTimeAsync(20_000);
    const move = performance.now();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(begun.slice(5).map((at) => at - move)).toEqual([0, 1_000, 3_000]);
  });

  test('is not asked for while nobody looks', async () => {
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

describe('a fault while an answer is shown', () => {
  test('is told, and stops no later answer', async () => {
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

describe('a question of the person', () => {
  test('is asked at once, whenever the last one was', async () => {
    const { refresh, begun } = world();
    refresh.now();
    await vi.advanceTimersByTimeAsync(20);
    refresh.now();
    expect(begun).toHaveLength(2);
  });

  test('waits until no more changes come', async () => {
    const { refresh, begun } = world();
    for (let move = 0; move < 10; move += 1) {
      refresh.now(120);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(begun).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(120);
    expect(begun).toHaveLength(1);
  });

  test('gives up the one before: its answer is not shown, however late it comes', async () => {
    const { refresh, shown } = world(300);
    refresh.now();
    await vi.advanceTimersByTimeAsync(100);
    refresh.now(120);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(shown).toEqual([2]);
  });

  test('does not lose the move of the data that came meanwhile', async () => {
    const { refresh, begun } = world(300);
    refresh.now();
    refresh.soon();
    refresh.now();
    refresh.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(begun).toHaveLength(3);
  });
});
