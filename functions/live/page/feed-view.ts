import type { SaleMessage } from '../messages.ts';
import { sumsOf } from './day-summary.ts';
import { byId, tableRow } from './dom.ts';
import { formatExactAmount, formatInteger } from './format.ts';
import { FEED_LENGTH, type PageState } from './state.ts';

/** So many rows at once are a flood, in which a mark on each says nothing. */
const MARKED_AT_ONCE = 120;

/** Draws the newest sales, the newest on top. Only rows that are new are made; those too many go. */
export function createFeedView(): (state: PageState) => void {
  const table = byId('feed', HTMLTableElement);
  const body = table.tBodies[0] ?? table.createTBody();
  let newestDrawn = 0;
  let drawn: readonly SaleMessage[] = [];

  return ({ feed }) => {
    if (feed === drawn) return;
    drawn = feed;
    const isContinued = feed.some(({ id }) => id === newestDrawn);
    const fresh = isContinued ? feed.filter(({ id }) => id > newestDrawn) : feed;
    if (!isContinued) body.replaceChildren();
    body.prepend(...fresh.map((sale) => rowOf(sale, fresh.length <= MARKED_AT_ONCE)));
    while (body.rows.length > FEED_LENGTH) body.deleteRow(-1);
    newestDrawn = feed[0]?.id ?? 0;
  };
}

function rowOf(sale: SaleMessage, isMarked: boolean): HTMLTableRowElement {
  const row = tableRow([
    [String(sale.id), 'wide number quiet'],
    [sale.store_id],
    [sale.product_id],
    [sale.category, 'wide'],
    [sale.weather, 'wide'],
    [formatInteger(sale.units_sold), 'number'],
    [formatExactAmount(Math.round(sale.price * 100)), 'number'],
    [sale.discount > 0 ? `${sale.discount} %` : '–', 'wide number'],
    [formatExactAmount(sumsOf(sale).revenueCents), 'number'],
  ]);
  if (isMarked) row.dataset.fresh = '';
  return row;
}
