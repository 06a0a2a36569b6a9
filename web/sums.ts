import type { SaleMessage } from '../shared/api/live.ts';

/** Sums of some sales. Revenue in hundredths, so that adding up loses nothing. */
export interface Sums {
  readonly units: number;
  readonly revenueCents: number;
}

export const NOTHING: Sums = { units: 0, revenueCents: 0 };

/** What one sale brings: the price times the units, as everywhere in this system. */
export function sumsOf({ units_sold, price }: SaleMessage): Sums {
  return { units: units_sold, revenueCents: Math.round(price * 100) * units_sold };
}

export function plus(one: Sums, other: Sums): Sums {
  return { units: one.units + other.units, revenueCents: one.revenueCents + other.revenueCents };
}

/** Sums by what sales have in common: a store's id, a product's. */
export type SumsByKey = ReadonlyMap<string, Sums>;

/** Both of two groups of sales. */
export function plusByKey(one: SumsByKey, other: SumsByKey): SumsByKey {
  const sum = new Map(one);
  for (const [key, sums] of other) sum.set(key, plus(sum.get(key) ?? NOTHING, sums));
  return sum;
}

/** The sums with some more sales. */
export function addByKey(
  sums: SumsByKey,
  sales: readonly SaleMessage[],
  keyOf: (sale: SaleMessage) => string,
): SumsByKey {
  const added = new Map(sums);
  for (const sale of sales) added.set(keyOf(sale), plus(added.get(keyOf(sale)) ?? NOTHING, sumsOf(sale)));
  return added;
}

/** One line of a ranking. */
export interface Ranked extends Sums {
  readonly key: string;
}

/** Sums in order of a measure, the greatest first, equal ones by key. */
export function ranked(sums: SumsByKey, measure: keyof Sums): Ranked[] {
  return [...sums]
    .map(([key, each]) => ({ key, ...each }))
    .sort((one, other) => other[measure] - one[measure] || one.key.localeCompare(other.key));
}
