import type { InvocationResult } from '../invocation.ts';

/** Something that invokes a function by itself. */
export interface EventSource {
  /** Ends it in order: takes nothing more, and resolves when what is under way is finished and its position kept. */
  stop(): Promise<void>;
}

/** Invokes the source's function with an event (JSON). Never rejects. */
export type Invoke = (event: string) => Promise<InvocationResult>;
