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

/** Whether the person has asked for little motion. */
export function prefersLessMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
