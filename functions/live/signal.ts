/** Lets one waiter sleep until somebody wakes it. A call while nobody waits is kept for the next wait. */
export interface WakeSignal {
  wake(): void;
  wait(): Promise<void>;
}

export function createSignal(): WakeSignal {
  let called = false;
  let resolveWaiter: (() => void) | null = null;
  return {
    wake: () => {
      called = true;
      resolveWaiter?.();
      resolveWaiter = null;
    },
    wait: async () => {
      if (!called) await new Promise<void>((resolve) => (resolveWaiter = resolve));
      called = false;
    },
  };
}
