import { element } from '../element.ts';

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
    panel.id = `ask-panel-${id}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', `ask-tab-${id}`);
    const attributes = { type: 'button', role: 'tab', id: `ask-tab-${id}`, 'aria-controls': panel.id };
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
