import type { ComponentChildren } from 'preact';
import type { Operation } from '../../shared/api/operations.ts';
import type { Problem } from '../state/problem.ts';
import type { Api } from '../stream/api.ts';
import type { MissingColumns } from '../stream/data-set.ts';

/** What a tab queries. */
export interface TabQuery {
  readonly store_id: string;
  readonly product_id: string;
  /** The day up to which history counts; 1 for the first. */
  readonly day: number;
}

/** The result of a query: a problem, or a function that shows the answer. */
export type Outcome = { readonly problem: Problem } | { show(): void };

/** What a tab may use. */
export interface TabTools {
  readonly api: Api;
  /** The user has changed something in the tab: reloads, either at once or after a pause in the changes. */
  reload(afterMs?: number): void;
  /** Calls back whenever another run has begun: results of the earlier one no longer apply. */
  onNewRun(forget: () => void): void;
}

/** A tab that is in use. */
export interface TabContent {
  load(query: TabQuery, signal: AbortSignal): Promise<Outcome>;
  /** A component: the last answer. */
  Content(props: { readonly missing: MissingColumns }): ComponentChildren;
}

/** One of the ways to explore the data. */
export interface ExploreTab {
  readonly id: string;
  readonly label: string;
  readonly operations: readonly Operation[];
  /** Days of history without which there is no answer, and what will be shown then. */
  readonly needs: { readonly days: number; readonly shows: string };
  /** Why a data set without some columns can't answer; null if it can. */
  unanswerable?(missing: MissingColumns): string | null;
  create(tools: TabTools): TabContent;
}
