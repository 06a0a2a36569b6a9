/**
 * Makes a function that computes its result once for each array, and again for another one. The arrays must never be modified; a
 * result is forgotten with its array.
 *
 * @example const daysOf = keptByArray((items: readonly Item[]) => items.map(toDay));
 */
export function keptByArray<Element, Result extends object>(
  compute: (array: readonly Element[]) => Result,
): (array: readonly Element[]) => Result {
  const kept = new WeakMap<readonly Element[], Result>();
  return (array) => {
    const known = kept.get(array);
    if (known) return known;
    const result = compute(array);
    kept.set(array, result);
    return result;
  };
}
