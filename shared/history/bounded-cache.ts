/** Keeps values up to a total weight; the ones that were not used for longest go first. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  /** A value that outweighs the whole cache alone is kept as its only one. */
  set(key: string, value: Value, weight?: number): void;
  clear(): void;
}

export function boundedCache<Value>(maxWeight: number): BoundedCache<Value> {
  /** In the order of use: a Map remembers the order in which its keys were put in. */
  const entries = new Map<string, { value: Value; weight: number }>();
  let total = 0;
  const remove = (key: string): void => {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };
  const evict = (newest: string): void => {
    for (const key of entries.keys()) {
      if (total <= maxWeight || key === newest) return;
      remove(key);
    }
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight = 1) {
      remove(key);
      entries.set(key, { value, weight });
      total += weight;
      evict(key);
    },
    clear() {
      entries.clear();
      total = 0;
    },
  };
}
