import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';
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

interface TabListProps {
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly label: string }[];
  readonly chosen: string;
  onChoose(id: string): void;
}

/** The element ids by which a tab and its panel refer to each other (`aria-controls`, `aria-labelledby`). */
export const tabId = (id: string) => `explore-tab-${id}`;
/** See {@link tabId}. */
export const panelId = (id: string) => `explore-panel-${id}`;

/** Tabs as the ARIA Authoring Practices have them: one stop for the Tab key; arrows, Home and End choose. */
export function TabList({ label, tabs, chosen, onChoose }: TabListProps) {
  const list = useRef<HTMLDivElement>(null);

  function onKey(event: TargetedKeyboardEvent<HTMLElement>): void {
    const from = tabs.findIndex(({ id }) => id === chosen);
    const last = tabs.length - 1;
    const goals: Readonly<Record<string, number>> = {
      ArrowRight: from === last ? 0 : from + 1,
      ArrowLeft: from === 0 ? last : from - 1,
      Home: 0,
      End: last,
    };
    const goal = goals[event.key];
    const tab = goal === undefined ? undefined : tabs[goal];
    if (goal === undefined || !tab) return;
    event.preventDefault();
    // The page has keys of its own, which must not react to this one.
    event.stopPropagation();
    onChoose(tab.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[goal]?.focus();
  }

  return (
    <div ref={list} role="tablist" aria-label={label} class="tabs" onKeyDown={onKey}>
      {tabs.map(({ id, label: text }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={tabId(id)}
          aria-controls={panelId(id)}
          aria-selected={id === chosen}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
