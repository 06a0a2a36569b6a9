import type { HostLog } from '../log.ts';
import type { InvocationResult } from '../runtime/invocation-result.ts';

/** Shared by all event sources. */

/** Invokes a function on its own. */
export interface EventSource {
  /** Reads nothing more; resolves when the running invocation has finished and its position is saved. */
  stop(): Promise<void>;
}

/** Invokes the source's function with an event (JSON). Never rejects. */
export type Invoke = (event: string) => Promise<InvocationResult>;

/** Logs when a source starts to fail, when the reason changes, and when it works again, but not every failure. */
export interface SourceHealth {
  failed(problem: string, reason: unknown): void;
  succeeded(): void;
}

/** @param name The source's name in the log: `The stream of table simulation`. */
export function createSourceHealth(name: string, log: HostLog): SourceHealth {
  let failing = '';
  let since = 0;
  return {
    failed(problem, reason) {
      const cause = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
      if (failing === '') since = Date.now();
      if (failing !== problem)
        log.write('WARN', `${name} ${problem}. Retrying until it succeeds.`, { cause });
      failing = problem;
    },
    succeeded() {
      if (failing === '') return;
      const seconds = Math.round((Date.now() - since) / 1000);
      log.write('INFO', `${name} works again after ${seconds} s.`);
      failing = '';
    },
  };
}

/** A condition variable. */
export interface Condition {
  /** Something has changed: every waiter checks its condition again. */
  notify(): void;
  /** Resolves once the condition is true; it is checked now and at each notification. */
  until(condition: () => boolean): Promise<void>;
}

/**
 * Creates a condition variable.
 *
 * @example
 * const changed = createCondition();
 * const drained = changed.until(() => queue.length === 0);
 * queue.pop();
 * changed.notify(); // `drained` resolves if the queue is empty now
 */
export function createCondition(): Condition {
  const waiting = new Set<() => void>();
  return {
    notify: () => {
      for (const poll of [...waiting]) poll();
    },
    until(condition) {
      if (condition()) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const poll = () => {
        if (!condition()) return;
        waiting.delete(poll);
        resolve();
      };
      waiting.add(poll);
      return promise;
    },
  };
}

/** The end of something that many operations wait for besides their own work. */
export interface Closing {
  /** Resolves all current and future waits. */
  close(): void;
  /** Settles with the work, or resolves at the close. */
  orClosed(work: Promise<void>): Promise<void>;
}

/**
 * `Promise.race` against one long-lived promise would leak: it adds a reaction to that promise for each piece of work.
 * https://github.com/nodejs/node/issues/17469
 */
export function createClosing(): Closing {
  const waiting = new Set<() => void>();
  let isClosed = false;
  return {
    close() {
      isClosed = true;
      for (const resolve of waiting) resolve();
    },
    async orClosed(work) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.add(resolve);
      work.then(resolve, reject);
      if (isClosed) resolve();
      await promise.finally(() => waiting.delete(resolve));
    },
  };
}
