import { formatAmount, formatShare } from '../format.ts';
import { emptyTableText, type PageState, runBreakdown, shownDay } from '../state/state.ts';
import type { Breakdown } from '../state/sums.ts';
import { type Ranked, ranked, type SumsByKey } from '../state/sums.ts';
import { byId, emptyRow, tableRow } from './dom.ts';
import { storeMark } from './theme.ts';

const PRODUCTS_SHOWN = 16;
const NO_SALES: SumsByKey = new Map();

/** Draws how the sales of the run, and of the newest day, fall upon stores and products. */
export function createRankingView(): (state: PageState) => void {
  const stores = byId('stores', HTMLTableElement);
  const products = byId('products', HTMLTableElement);
  let drawn: Breakdown | null = null;
  let emptyDrawn = '';

  return (state) => {
    const breakdown = runBreakdown(state.run);
    const empty = emptyTableText(state);
    if (breakdown === drawn && empty === emptyDrawn) return;
    drawn = breakdown;
    emptyDrawn = empty;
    const day = state.run.newestDays.get(shownDay(state)?.dayIndex ?? -1);
    const mark = (store: string) => storeMark(store, breakdown.stores);
    fill(stores, ranked(breakdown.stores, 'revenueCents'), day?.stores ?? NO_SALES, mark, empty);
    fill(products, ranked(breakdown.products, 'revenueCents'), day?.products ?? NO_SALES, () => '', empty);
  };
}

function fill(
  table: HTMLTableElement,
  rows: readonly Ranked[],
  ofDay: SumsByKey,
  mark: (key: string) => string,
  empty: string,
): void {
  const greatest = rows[0]?.revenueCents ?? 0;
  const total = rows.reduce((sum, { revenueCents }) => sum + revenueCents, 0);
  const drawn = rows.slice(0, PRODUCTS_SHOWN).map(({ key, revenueCents }) => {
    const row = tableRow([
      [key, mark(key)],
      ['', `bar-cell ${mark(key).replace('store ', '')}`],
      [formatAmount(revenueCents), 'number'],
      [formatShare(revenueCents, total), 'number quiet'],
      [formatAmount(ofDay.get(key)?.revenueCents ?? 0), 'number'],
    ]);
    row.cells[1]?.append(bar(greatest > 0 ? revenueCents / greatest : 0));
    return row;
  });
  table.tBodies[0]?.replaceChildren(...(drawn.length > 0 ? drawn : [emptyRow(5, empty)]));
}

function bar(part: number): HTMLElement {
  const element = document.createElement('span');
  element.style.width = `${part * 100}%`;
  return element;
}
