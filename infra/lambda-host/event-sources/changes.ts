/** Lets some wait for what others change. */
export interface Changes {
  /** Something has changed: whoever waits looks again. */
  notify(): void;
  /** Resolves once the condition holds; it is looked at now and at each notification. */
  until(condition: () => boolean): Promise<void>;
}

export function createChanges(): Changes {
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
