import { cellOf } from './breakdown.ts';
import { byId } from './dom.ts';
import { formatAmount, formatThousands } from './format.ts';
import { drawHeatTable } from './heat-table.ts';
import { type PageState, wholeRun, wholeRunToCome } from './state.ts';
import type { SumsByKey } from './sums.ts';

/** Draws what each category has brought in each region. */
export function createCellsView(): (state: PageState) => void {
  const table = byId('cells', HTMLTableElement);
  let drawn: SumsByKey | null = null;
  let emptyDrawn = '';

  return (state) => {
    const { cells: sums } = wholeRun(state.run);
    const empty = wholeRunToCome(state);
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
