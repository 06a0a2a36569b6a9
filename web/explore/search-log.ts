import type { Query } from './tab.ts';

/** The newest search of each store and product in one run. */
export interface SearchLog<Search> {
  add(query: Query, search: Search): void;
  /** Null if none has been made. */
  newest(query: Query): Search | null;
}

export function createSearchLog<Search>(): SearchLog<Search> {
  const searches = new Map<string, Search>();
  const keyOf = ({ store_id, product_id }: Query) => `${store_id} ${product_id}`;

  return {
    add: (query, search) => void searches.set(keyOf(query), search),
    newest: (query) => searches.get(keyOf(query)) ?? null,
  };
}
