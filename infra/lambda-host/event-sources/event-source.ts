/** What all event sources share. */
import type { HostLog } from '../log.ts';
import type { InvocationResult } from '../runtime/invocation-result.ts';

/** Something that invokes a function by itself. */
export interface EventSource {
  /** Ends it in order: takes nothing more, and resolves when what is under way is finished and its position kept. */
  stop(): Promise<void>;
}

/** Invokes the source's function with an event (JSON). Never rejects. */
export type Invoke = (event: string) => Promise<InvocationResult>;

/** Says when a source begins to fail, when the reason changes, and when it works again; not each time. */
export interface SourceHealth {
  failed(problem: string, reason: unknown): void;
  succeeded(): void;
}

/** @param name What the log calls the source: `The stream of table simulation`. */
export function createSourceHealth(name: string, log: HostLog): SourceHealth {
  let failing = '';
  let since = 0;
  return {
    failed(problem, reason) {
      const cause = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
      if (failing === '') since = Date.now();
      if (failing !== problem)
        log.write('WARN', `${name} ${problem}. It is tried again until it works.`, { cause });
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
