import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from './function-error.ts';
import type { Functions } from './functions.ts';
import type { HostLog } from './log.ts';

/** Lambda repeats an asynchronous invocation that failed twice, after one minute and after two more. */
const RETRY_AFTER_MS = [60_000, 120_000];

/** Invokes functions without an answer, as invocation type `Event` and schedules do. */
export interface AsyncInvoker {
  invoke(name: string, event: string): void;
  /** Drops what would be repeated later. */
  stop(): void;
}

export function createAsyncInvoker(
  functions: Pick<Functions, 'invoke'>,
  log: HostLog,
  retryAfterMs: readonly number[] = RETRY_AFTER_MS,
): AsyncInvoker {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function attempt(name: string, event: string): Promise<void> {
    for (const pause of [...retryAfterMs, null]) {
      const { error } = await functions.invoke(name, event);
      if (!error || signal.aborted) return;
      const next = pause === null ? 'It is given up.' : `It is tried again in ${pause / 1000} s.`;
      log.write('ERROR', `${name} failed. ${next}`, { failure: describeError(error) });
      if (pause !== null) await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  return { invoke: (name, event) => void attempt(name, event), stop: () => stopping.abort() };
}
