/** Lets some wait for what others change. */
export interface Condition {
  /** Something has changed: whoever waits looks again. */
  notify(): void;
  /** Resolves once the condition holds; it is looked at now and at each notification. */
  until(condition: () => boolean): Promise<void>;
}

export function createCondition(): Condition {
  const waiting = new Set<() => void>();
  return {
    notify: () => {
      for (const look of [...waiting]) look();
    },
    until(condition) {
      if (condition()) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (!condition()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      return promise;
    },
  };
}

/** The end of something that much is waited for beside, again and again. */
export interface Closing {
  /** Resolves all that waits, and whatever waits from now on. */
  close(): void;
  /** Resolves or rejects with the work, or resolves at the close. */
  orClosed(work: Promise<void>): Promise<void>;
}

/**
 * Not a race with one promise for the close: `Promise.race` leaves a reaction at each promise it is given, so one that lives as
 * long as the process collects one for each piece of work.
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
