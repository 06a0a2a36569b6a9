import type { SaleMessage } from '../../shared/api/live.ts';
import { formatExactAmount, formatInteger } from '../format.ts';
import { type SumsByKey, sumsOf } from '../state/sums.ts';
import { emptyRow, tableRow } from './dom.ts';
import { storeMark } from './theme.ts';

/** Height of a row in CSS pixels, as `feed.css` sets it. */
const ROW_HEIGHT = 28;
/** So many rows at once are a flood, in which a mark on each says nothing. */
const MARKED_AT_ONCE = 120;
const COLUMNS = 9;

/** Draws the rows of a list that are in sight into a table that scrolls; gaps stand for all others. */
export function createFeedRows(
  table: HTMLTableElement,
  scroll: HTMLElement,
): (list: readonly SaleMessage[], stores: SumsByKey, empty: string) => void {
  const body = table.tBodies[0] ?? table.createTBody();
  const above = gap();
  const below = gap();
  let rows = new Map<number, HTMLTableRowElement>();
  let newestDrawn = 0;

  return (list, stores, empty) => {
    if (list.length === 0) {
      rows.clear();
      body.replaceChildren(emptyRow(COLUMNS, empty));
      return;
    }
    if (above.parentElement !== body) body.replaceChildren(above, below);
    const { first, end } = visibleRows(list.length, ROW_HEIGHT, scroll.scrollTop, scroll.clientHeight);
    const inSight = list.slice(first, end);
    const isFresh = freshness(list, newestDrawn);
    const kept = rows;
    rows = new Map(inSight.map((sale) => [sale.id, kept.get(sale.id) ?? rowOf(sale, stores, isFresh(sale))]));
    for (const [id, row] of kept) if (!rows.has(id)) row.remove();
    placeInOrder(body, rows.values(), above, below);
    setHeight(above, first * ROW_HEIGHT);
    setHeight(below, (list.length - end) * ROW_HEIGHT);
    newestDrawn = Math.max(newestDrawn, list[0]?.id ?? 0);
  };
}

/** Whether a sale came since the last drawing, unless a flood of them did. */
function freshness(list: readonly SaleMessage[], newestDrawn: number): (sale: SaleMessage) => boolean {
  const isFlood = (list[MARKED_AT_ONCE]?.id ?? 0) > newestDrawn;
  return ({ id }) => !isFlood && id > newestDrawn;
}

/** Rows that stay are not moved, or what plays on them would begin again. */
function placeInOrder(
  body: HTMLElement,
  rows: Iterable<HTMLTableRowElement>,
  above: HTMLElement,
  below: HTMLElement,
): void {
  let next = above.nextElementSibling;
  for (const row of rows) {
    if (row === next) next = row.nextElementSibling;
    else body.insertBefore(row, next ?? below);
  }
}

function gap(): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.className = 'gap';
  row.setAttribute('aria-hidden', 'true');
  return row;
}

function setHeight(row: HTMLElement, pixels: number): void {
  row.style.height = `${pixels}px`;
  row.hidden = pixels === 0;
}

function rowOf(sale: SaleMessage, stores: SumsByKey, isMarked: boolean): HTMLTableRowElement {
  const row = tableRow([
    [String(sale.id), 'wide number quiet'],
    [sale.store_id, storeMark(sale.store_id, stores)],
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

/** Which sales a feed shows; empty texts mean all. */
export interface FeedFilter {
  readonly store: string;
  readonly product: string;
}

export function filterFeed(
  feed: readonly SaleMessage[],
  { store, product }: FeedFilter,
): readonly SaleMessage[] {
  if (store === '' && product === '') return feed;
  return feed.filter(
    (sale) => (store === '' || sale.store_id === store) && (product === '' || sale.product_id === product),
  );
}

/** Rows of a list that are in sight, and some around them. */
export interface VisibleRows {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** Rows that are drawn beyond each edge, so that scrolling shows no hole. */
const AROUND = 8;

/** Which rows of a scrolled list are to be drawn. All sizes in CSS pixels. */
export function visibleRows(
  count: number,
  rowHeight: number,
  scrollTop: number,
  height: number,
): VisibleRows {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - AROUND);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + AROUND);
  return { first, end: Math.max(first, end) };
}
