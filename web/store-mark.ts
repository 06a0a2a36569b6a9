import type { SumsByKey } from './sums.ts';

/** Hues there are for stores. */
const HUES = 5;

/** The place of a store among those of the run, which gives it its hue; null if there are more stores than hues. */
export function storeHue(store: string, stores: SumsByKey): number | null {
  const place = [...stores.keys()].sort().indexOf(store);
  return place >= 0 && place < HUES ? place : null;
}

/** The classes that mark a cell with the hue of its store. */
export function storeMark(store: string, stores: SumsByKey): string {
  const hue = storeHue(store, stores);
  return hue === null ? 'store' : `store store-${hue + 1}`;
}
