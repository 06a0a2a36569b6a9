import { LRUCache } from 'lru-cache';

/** Caches values up to a total weight; evicts the least recently used ones first. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  /** @param weight A positive integer, 1 by default. A value heavier than the cache's limit is kept as its only one. */
  set(key: string, value: Value, weight?: number): void;
  clear(): void;
}

/**
 * Creates an empty cache.
 *
 * @param maxWeight Total weight of the values to keep, in the unit of the caller: bytes, rows or simply values.
 * @example
 * const pages = boundedCache<Buffer>(16_000_000);
 * pages.set('run 7', page, page.length);
 */
export function boundedCache<Value>(maxWeight: number): BoundedCache<Value> {
  // Boxed, because lru-cache takes no null; its weight is cut, because it would not keep a value heavier than the cache.
  const cache = new LRUCache<string, { readonly value: Value }>({ maxSize: maxWeight });
  return {
    get: (key) => cache.get(key)?.value,
    set: (key, value, weight = 1) => void cache.set(key, { value }, { size: Math.min(weight, maxWeight) }),
    clear: () => cache.clear(),
  };
}
