import type { Question } from './tab.ts';

/** The newest search of each store and product, as long as its run goes on. */
export interface SearchLog<Search> {
  add(question: Question, search: Search): void;
  /** Null if none has been made. */
  newest(question: Question): Search | null;
}

export function createSearchLog<Search>(): SearchLog<Search> {
  const searches = new Map<string, { readonly day: number; readonly search: Search }>();
  const keyOf = ({ store_id, product_id }: Question) => `${store_id} ${product_id}`;

  return {
    add: (question, search) => {
      searches.set(keyOf(question), { day: question.day, search });
    },
    newest: (question) => {
      const found = searches.get(keyOf(question));
      // A run only goes ahead: what was found on a later day belongs to an earlier run.
      return found && found.day <= question.day ? found.search : null;
    },
  };
}
