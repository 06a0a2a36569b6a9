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

/** How often a process that npm started looks whether npm is still there. */
const PARENT_LOOK_MS = 1_000;

/**
 * Aborts at the first signal that asks this process to end, with an {@link Interrupted}. A second one ends it at once.
 *
 * Started by npm it also aborts when npm has died without a signal to its child (SIGKILL): nobody could end it otherwise.
 *
 * @param onFirst Says that the end has begun.
 */
export function abortOnSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const end = (reason: string) => {
    first = Date.now();
    onFirst();
    controller.abort(new Interrupted(reason));
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!controller.signal.aborted) end(signal);
      else if (Date.now() - first > SECOND_AFTER_MS) process.exit(130);
    });
  }
  if (process.env.npm_lifecycle_event !== undefined)
    watchParent(controller.signal, () => end('the end of npm'));
  return controller.signal;
}

function watchParent(signal: AbortSignal, onDeath: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    if (!signal.aborted) onDeath();
  }, PARENT_LOOK_MS);
  timer.unref();
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
