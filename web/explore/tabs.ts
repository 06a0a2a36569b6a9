import type { Problem } from '../state/problem.ts';
import type { Api } from '../stream/api.ts';
import type { Endpoint } from '../stream/endpoints.ts';
import { element } from '../views/dom.ts';

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
  refresh(afterMs?: number): void;
  /** Calls back whenever another run has begun: what was found in the earlier one is of no use. */
  onNewRun(forget: () => void): void;
}

/** One of the ways to ask. */
export interface ExploreTab {
  readonly id: string;
  readonly label: string;
  readonly endpoints: readonly Endpoint[];
  /** Days of history without which there is no answer, and what will be shown then. */
  readonly needs: { readonly days: number; readonly shows: string };
  /** Builds the tab's content once; the result asks, and says how to draw what was answered. */
  create(body: HTMLElement, tools: TabTools): (question: Question, signal: AbortSignal) => Promise<Outcome>;
}

/** One tab and the panel that it opens. */
export interface TabPart {
  readonly id: string;
  readonly label: string;
  readonly panel: HTMLElement;
}

/**
 * Tabs as the ARIA Authoring Practices have them: one stop for the Tab key, arrows, Home and End choose. The panel of the
 * chosen tab alone is shown.
 *
 * @param onChange Called with the id of a tab when it is chosen.
 */
export function createTabs(
  label: string,
  parts: readonly TabPart[],
  onChange: (id: string) => void,
): HTMLElement {
  const tabs = parts.map(({ id, label: text, panel }) => {
    panel.id = `explore-panel-${id}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', `explore-tab-${id}`);
    const attributes = { type: 'button', role: 'tab', id: `explore-tab-${id}`, 'aria-controls': panel.id };
    return element('button', attributes, text);
  });

  let chosenId = '';

  function choose(index: number): void {
    parts.forEach(({ panel }, each) => {
      panel.hidden = each !== index;
      tabs[each]?.setAttribute('aria-selected', String(each === index));
      tabs[each]?.setAttribute('tabindex', each === index ? '0' : '-1');
    });
    const chosen = parts[index];
    if (!chosen || chosen.id === chosenId) return;
    chosenId = chosen.id;
    onChange(chosenId);
  }

  function onKey(event: KeyboardEvent): void {
    const from = parts.findIndex(({ id }) => id === chosenId);
    const last = tabs.length - 1;
    const goals: Readonly<Record<string, number>> = {
      ArrowRight: from === last ? 0 : from + 1,
      ArrowLeft: from === 0 ? last : from - 1,
      Home: 0,
      End: last,
    };
    const goal = goals[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    // The page has keys of its own, which must not hear this one.
    event.stopPropagation();
    choose(goal);
    tabs[goal]?.focus();
  }

  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => choose(index));
  });
  const list = element('div', { role: 'tablist', 'aria-label': label, class: 'tabs' }, ...tabs);
  list.addEventListener('keydown', onKey);
  choose(0);
  return list;
}
