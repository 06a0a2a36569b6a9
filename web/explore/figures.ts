import { formatDecimal } from '../format.ts';
import { element, tableRow } from '../views/dom.ts';

/** One figure with its name and what it means. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** Fills a definition list; its groups are made anew, so it must hold nothing that can have the focus. */
export function showFigures(list: HTMLDListElement, figures: readonly Figure[]): void {
  const groups = figures.map(({ name, value, note }) =>
    element(
      'div',
      {},
      element('dt', {}, name),
      element(
        'dd',
        {},
        element('b', {}, value),
        ...(note ? [element('span', { class: 'quiet' }, note)] : []),
      ),
    ),
  );
  list.replaceChildren(...groups);
}

/** A change in percent, with its sign. */
export function signedPercent(percent: number): string {
  return `${percent > 0 ? '+' : ''}${formatDecimal(percent, 1)} %`;
}

/** A probability as statisticians write it. */
export function chance(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${formatDecimal(p, 3)}`;
}

/** Fills a table's body. Of cells that are text alone nothing else is asked. */
export function showRows(table: HTMLTableElement, rows: readonly TableLine[]): void {
  table.tBodies[0]?.replaceChildren(
    ...rows.map(({ cells, isMarked }) => {
      const row = tableRow(cells);
      if (isMarked) row.dataset.marked = '';
      return row;
    }),
  );
}

export interface TableLine {
  readonly cells: readonly (readonly [text: string, className?: string])[];
  /** Stands out from the others. */
  readonly isMarked?: boolean;
}

/** The key of a chart: what each look of it stands for. */
export function chartKey(entries: readonly (readonly [look: string, text: string])[]): HTMLElement {
  const items = entries.map(([look, text]) =>
    element('li', {}, element('span', { class: 'swatch', 'data-look': look, 'aria-hidden': 'true' }), text),
  );
  return element('ul', { class: 'key quiet' }, ...items);
}

/** A select with a label of its own. */
export function labelledSelect(
  id: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): { readonly field: HTMLElement; readonly select: HTMLSelectElement } {
  const choices = options.map(([value, text]) =>
    element('option', { value, selected: value === chosen }, text),
  );
  const select = element('select', { id }, ...choices);
  const name = element('label', { for: id, class: 'quiet' }, label);
  return { field: element('span', { class: 'field' }, name, select), select };
}
