import type { Clock } from '../../functions/live/timing.ts';

/** A clock that moves only when told. */
export interface FakeClock extends Clock {
  /** Runs everything due within a time, in order, including what follows from it. */
  advance(ms: number): Promise<void>;
  /** The number of pending timers. */
  pending(): number;
}

interface Due {
  at: number;
  readonly call: () => void;
  readonly every: number | null;
}

export function fakeClock(): FakeClock {
  const dues = new Set<Due>();
  let now = 0;

  function nextDue(until: number): Due | undefined {
    return [...dues].filter((due) => due.at <= until).sort((a, b) => a.at - b.at)[0];
  }

  function run(due: Due): void {
    now = due.at;
    if (due.every === null) dues.delete(due);
    else due.at += due.every;
    due.call();
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const due: Due = { at: now + ms, call: resolve, every: null };
        dues.add(due);
        signal.addEventListener('abort', () => {
          dues.delete(due);
          resolve();
        });
      }),
    every: (ms, call) => {
      const due: Due = { at: now + ms, call, every: ms };
      dues.add(due);
      return () => dues.delete(due);
    },
    pending: () => dues.size,
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let due = nextDue(until); due; due = nextDue(until)) {
        run(due);
        await settle();
      }
      now = until;
    },
  };
}

/** Waits until all promises that can settle have settled. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
