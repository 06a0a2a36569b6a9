/** Shared by all event sources. */
import type { HostLog } from '../log.ts';
import type { InvocationResult } from '../runtime/invocation-result.ts';

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
