import { cellOf } from './breakdown.ts';
import { byId } from './dom.ts';
import { formatAmount, formatThousands } from './format.ts';
import { drawHeatTable } from './heat-table.ts';
import type { PageState } from './state.ts';
import type { SumsByKey } from './sums.ts';

/** Draws what each category has brought in each region. */
export function createCellsView(): (state: PageState) => void {
  const table = byId('cells', HTMLTableElement);
  let drawn: SumsByKey | null = null;

  return ({ run: { breakdown } }) => {
    if (breakdown.cells === drawn) return;
    drawn = breakdown.cells;
    const cells = [...drawn].map(([key, { revenueCents }]) => {
      const [row, column] = cellOf(key);
      return {
        row,
        column,
        value: revenueCents,
        text: formatThousands(revenueCents),
        exact: formatAmount(revenueCents),
      };
    });
    drawHeatTable(table, { corner: 'Category', cells, empty: 'The first day brings the first sales.' });
  };
}
