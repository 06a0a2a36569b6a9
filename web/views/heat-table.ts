import { formatAmount, formatThousands } from '../format.ts';
import { emptyTableText, type PageState, runBreakdown } from '../state/state.ts';
import { cellOf, type SumsByKey } from '../state/sums.ts';
import { byId, emptyRow } from './dom.ts';

const SEASONS = ['winter', 'spring', 'summer', 'autumn', 'fall'];

/** One cell of a table of amounts. */
export interface HeatCell {
  readonly row: string;
  readonly column: string;
  readonly value: number;
  readonly text: string;
  /** What the text leaves out, shown under the pointer. */
  readonly exact: string;
}

/** Draws amounts by row and column, shaded from the least to the greatest; without any says what will fill the table. */
export function drawHeatTable(
  table: HTMLTableElement,
  { corner, cells, empty }: { corner: string; cells: readonly HeatCell[]; empty: string },
): void {
  if (cells.length === 0) {
    table.tHead?.replaceChildren();
    table.tBodies[0]?.replaceChildren(emptyRow(1, empty));
    return;
  }
  const columns = sortedNames(cells.map(({ column }) => column));
  const shade = shadeOf(cells.map(({ value }) => value));
  table.tHead?.replaceChildren(headRow(corner, columns));
  table.tBodies[0]?.replaceChildren(
    ...sortedNames(cells.map(({ row }) => row)).map((name) => {
      const ofRow = cells.filter(({ row }) => row === name);
      return bodyRow(
        name,
        columns.map((column) => ofRow.find((cell) => cell.column === column)),
        shade,
      );
    }),
  );
}

/** Seasons in their order in the year, everything else by its name. */
function sortedNames(names: readonly string[]): string[] {
  const place = (name: string) => SEASONS.indexOf(name.toLowerCase());
  return [...new Set(names)].sort().sort((one, other) => place(one) - place(other));
}

/** Where a value stands between the least and the greatest, 0-1. */
function shadeOf(values: readonly number[]): (value: number) => number {
  const least = Math.min(...values);
  const spread = Math.max(...values) - least;
  return (value) => (spread === 0 ? 0.5 : (value - least) / spread);
}

function headRow(corner: string, columns: readonly string[]): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.append(heading(corner, 'col'), ...columns.map((name) => heading(name, 'col', 'number')));
  return row;
}

function bodyRow(
  name: string,
  cells: readonly (HeatCell | undefined)[],
  shade: (value: number) => number,
): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.append(heading(name, 'row'));
  for (const cell of cells) {
    const element = row.insertCell();
    element.textContent = cell?.text ?? '–';
    element.className = 'cell';
    element.title = cell?.exact ?? '';
    if (cell) element.style.setProperty('--part', String(shade(cell.value)));
  }
  return row;
}

function heading(text: string, scope: 'col' | 'row', className = ''): HTMLTableCellElement {
  const element = document.createElement('th');
  element.scope = scope;
  element.textContent = text;
  element.title = text;
  element.className = className;
  return element;
}

/** Draws what each category has brought in each region. */
export function createCellsView(): (state: PageState) => void {
  const table = byId('cells', HTMLTableElement);
  let drawn: SumsByKey | null = null;
  let emptyDrawn = '';

  return (state) => {
    const { cells: sums } = runBreakdown(state.run);
    const empty = emptyTableText(state);
    if (sums === drawn && empty === emptyDrawn) return;
    drawn = sums;
    emptyDrawn = empty;
    const cells = [...sums].map(([key, { revenueCents }]) => {
      const [row, column] = cellOf(key);
      return {
        row,
        column,
        value: revenueCents,
        text: formatThousands(revenueCents),
        exact: formatAmount(revenueCents),
      };
    });
    drawHeatTable(table, { corner: 'Category', cells, empty });
  };
}
