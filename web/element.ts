/** An element with attributes and children; `true` sets an attribute without a value, `false` and undefined none. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (typeof value === 'string') made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A box in which a table too wide or too long for its place is scrolled, by keyboard as well. */
export function scrollBox(label: string, table: HTMLTableElement): HTMLElement {
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, table);
}

/** A heading of a table's column; numbers are aligned right. */
export interface Column {
  readonly title: string;
  readonly className?: string;
  /** What the figures mean, shown to whoever points at the heading. */
  readonly hint?: string;
}

/** A table with its headings and an empty body. */
export function tableOf(caption: string, columns: readonly Column[]): HTMLTableElement {
  const headings = columns.map(({ title, className, hint }) =>
    element('th', { scope: 'col', class: className, title: hint }, title),
  );
  return element(
    'table',
    {},
    element('caption', { class: 'visually-hidden' }, caption),
    element('thead', {}, element('tr', {}, ...headings)),
    element('tbody'),
  );
}
