import type { Api } from '../api.ts';
import type { Endpoint } from '../endpoints.ts';
import type { Problem } from '../problem.ts';

/** What is asked about, and up to which day of the simulation. */
export interface Question {
  readonly store_id: string;
  readonly product_id: string;
  /** 1 for the first. */
  readonly day: number;
}

/** What became of a question: a problem, or the way to draw the answer. */
export type Outcome = { readonly problem: Problem } | { draw(): void };

/** What a tab may use. */
export interface TabTools {
  readonly api: Api;
  /** The person has changed something in the tab: asks anew, at once or when no more changes have come for a while. */
  askAgain(afterMs?: number): void;
  /** Calls back whenever another run has begun: what was found in the earlier one is of no use. */
  onOtherRun(forget: () => void): void;
}

/** One of the ways to ask. */
export interface AskTab {
  readonly id: string;
  readonly label: string;
  readonly endpoints: readonly Endpoint[];
  /** Days of history without which there is no answer, and what will be shown then. */
  readonly needs: { readonly days: number; readonly shows: string };
  /** Builds the tab's content once; the result asks, and says how to draw what was answered. */
  create(body: HTMLElement, tools: TabTools): (question: Question, signal: AbortSignal) => Promise<Outcome>;
}
