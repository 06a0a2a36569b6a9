/** A signal asked this process to end. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`Ended by ${signal}.`);
    this.name = 'Interrupted';
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes Ctrl-C on to its child, which also gets it from the terminal: only a later signal counts as a second one. */
const SECOND_AFTER_MS = 1_000;

/** How often a process started by npm checks that npm is alive. */
const PARENT_POLL_MS = 1_000;

/**
 * Returns a signal that aborts with an {@link Interrupted} at the first SIGINT, SIGTERM or SIGHUP. A second one exits at once.
 *
 * If npm started this process, it also aborts when npm is killed, because it couldn't be stopped otherwise.
 *
 * @param onFirst Called when the shutdown begins.
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
  }, PARENT_POLL_MS);
  timer.unref();
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
