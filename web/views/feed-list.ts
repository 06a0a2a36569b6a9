import type { SaleMessage } from '../../shared/api/live.ts';

/** What a feed shows of a sale, whether it came by the stream or was read. */
export type FeedSale = Pick<
  SaleMessage,
  'id' | 'date' | 'store_id' | 'product_id' | 'category' | 'weather' | 'units_sold' | 'price' | 'discount'
>;

/** Which sales a feed shows; empty texts mean all. */
export interface FeedFilter {
  readonly store: string;
  readonly product: string;
}

/** Returns the sales that match a filter, or the array itself if the filter is empty. */
export function filterFeed(feed: readonly FeedSale[], { store, product }: FeedFilter): readonly FeedSale[] {
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

/** Rows that are drawn beyond each edge, so that scrolling shows no gap. */
const AROUND = 8;

/** Which rows of a scrolled list have to be drawn. All sizes in CSS pixels. */
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
