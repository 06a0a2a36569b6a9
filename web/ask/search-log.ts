import type { Question } from './tab.ts';

/** The newest search of each store and product in one run. */
export interface SearchLog<Search> {
  add(question: Question, search: Search): void;
  /** Null if none has been made. */
  newest(question: Question): Search | null;
}

export function createSearchLog<Search>(): SearchLog<Search> {
  const searches = new Map<string, Search>();
  const keyOf = ({ store_id, product_id }: Question) => `${store_id} ${product_id}`;

  return {
    add: (question, search) => void searches.set(keyOf(question), search),
    newest: (question) => searches.get(keyOf(question)) ?? null,
  };
}
