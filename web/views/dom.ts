/**
 * The element with an id, which the document is known to have.
 *
 * @throws Error if document and script don't belong together.
 */
export function byId<Type extends Element>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`The document has no ${type.name} with the id ${id}.`);
}

/** Sets a text, if it is another one: an unchanged node costs no layout and is announced to nobody. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A row of cells; those whose class is `number` are aligned right. */
export function tableRow(
  cells: readonly (readonly [text: string, className?: string])[],
): HTMLTableRowElement {
  const row = document.createElement('tr');
  for (const [text, className] of cells) {
    const cell = row.insertCell();
    cell.textContent = text;
    if (className) cell.className = className;
  }
  return row;
}

/**
 * Offers values to choose from, if they are others; what was chosen stays. An option that stands there already keeps its text.
 *
 * @param preferred Chosen while nothing was.
 */
export function setOptions(select: HTMLSelectElement, values: readonly string[], preferred = ''): void {
  const offered = [...select.options].map(({ value }) => value);
  if (offered.length === values.length && offered.every((value, index) => value === values[index])) return;
  const chosen = offered.length > 0 ? select.value : preferred;
  const known = new Map([...select.options].map((option) => [option.value, option]));
  select.replaceChildren(...values.map((value) => known.get(value) ?? new Option(value, value)));
  select.value = values.includes(chosen) ? chosen : preferred;
}

/** A row that says what will fill a table of so many columns. */
export function emptyRow(columns: number, text: string): HTMLTableRowElement {
  const row = tableRow([[text]]);
  row.className = 'empty-row';
  const [cell] = row.cells;
  if (cell) cell.colSpan = columns;
  return row;
}

/** Whether the person has asked for little motion. */
export function prefersLessMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

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

/** Calls back when a button is pressed, unless it can't be just now. */
export function onPress(button: HTMLButtonElement, act: () => void): void {
  button.addEventListener('click', () => {
    if (isPressable(button)) act();
  });
}

export function isPressable(button: HTMLButtonElement): boolean {
  return button.getAttribute('aria-disabled') !== 'true';
}

/** Not by `disabled`: a button that has the focus would lose it. */
export function setPressable(button: HTMLButtonElement, can: boolean): void {
  button.setAttribute('aria-disabled', String(!can));
}
