import type { TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';

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
