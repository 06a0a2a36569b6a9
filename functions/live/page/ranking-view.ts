import { type DaySummary, ranked, type Sums } from './day-summary.ts';
import { byId, tableRow } from './dom.ts';
import { formatAmount, formatInteger, formatShare } from './format.ts';
import { type PageState, shownDay } from './state.ts';

const PRODUCTS_SHOWN = 10;

/** Draws how the day's sales fall upon stores and products. */
export function createRankingView(): (state: PageState) => void {
  const stores = byId('stores', HTMLTableElement);
  const products = byId('products', HTMLTableElement);
  let drawn: DaySummary | null = null;

  return (state) => {
    const day = shownDay(state);
    if (day === drawn) return;
    drawn = day;
    fill(stores, day?.byStore ?? new Map(), day, Number.POSITIVE_INFINITY);
    fill(products, day?.byProduct ?? new Map(), day, PRODUCTS_SHOWN);
  };
}

function fill(
  table: HTMLTableElement,
  sums: ReadonlyMap<string, Sums>,
  day: DaySummary | null,
  limit: number,
): void {
  const rows = ranked(sums, 'revenueCents').slice(0, limit);
  table.tBodies[0]?.replaceChildren(
    ...rows.map(({ key, units, revenueCents }) =>
      tableRow([
        [key],
        [formatInteger(units), 'number'],
        [formatAmount(revenueCents), 'number'],
        [formatShare(revenueCents, day?.revenueCents ?? 0), 'number'],
      ]),
    ),
  );
}
