/** The person at the terminal, or whoever supervises the process, wants it to end. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`Ended by ${signal}.`);
    this.name = 'Interrupted';
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm hands a Ctrl-C on to its child, who has had it from the terminal already: only a later one is a second one. */
const SECOND_AFTER_MS = 1_000;

/**
 * Aborts at the first signal that asks this process to end, with an {@link Interrupted}. A second one ends it at once.
 *
 * @param onFirst Says that the end has begun.
 */
export function interruption(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        if (Date.now() - first > SECOND_AFTER_MS) process.exit(130);
        return;
      }
      first = Date.now();
      onFirst();
      controller.abort(new Interrupted(signal));
    });
  }
  return controller.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
