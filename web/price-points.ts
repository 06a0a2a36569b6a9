import { linearRegression, linearRegressionLine, rSquared } from 'simple-statistics';
import type { SaleMessage } from '../shared/api/live.ts';
import type { SummaryGroup } from './history.ts';

/** A sale as a point: its price, and the units sold at it. */
export interface PricePoint {
  readonly x: number;
  readonly y: number;
}

/** The sales of a product as points, by store. */
export type PricePoints = ReadonlyMap<string, readonly PricePoint[]>;

/** The points of `by=day_index&then_by=store`: a product is sold in a store once a day, so a subgroup is one sale. */
export function pointsOfGroups(groups: readonly SummaryGroup[]): PricePoints {
  const sales = groups.filter(({ units }) => units > 0);
  const byStore = Map.groupBy(sales, ({ subgroup }) => subgroup ?? '');
  return new Map(
    [...byStore].map(([store, ofStore]) => [
      store,
      ofStore.map(({ revenue, units }) => ({ x: Math.round((revenue / units) * 100) / 100, y: units })),
    ]),
  );
}

/** The points with those of more sales of the same product. Sales of 0 units have no logarithm and are left out. */
export function addPoints(points: PricePoints, sales: readonly SaleMessage[]): PricePoints {
  const added = new Map(points);
  for (const { store_id, price, units_sold } of sales) {
    if (units_sold > 0) added.set(store_id, [...(added.get(store_id) ?? []), { x: price, y: units_sold }]);
  }
  return added;
}

/** Sales of a feed (newest first) after an id, oldest first; null if the feed doesn't reach back that far. */
export function salesAfter(feed: readonly SaleMessage[], id: number, capacity: number): SaleMessage[] | null {
  const end = feed.findIndex((sale) => sale.id <= id);
  if (end < 0 && feed.length >= capacity) return null;
  return feed.slice(0, end < 0 ? feed.length : end).reverse();
}

/** How units go with the price: ln(units) = intercept + elasticity × ln(price), by ordinary least squares. */
export interface PriceLine {
  readonly elasticity: number;
  readonly rSquared: number;
  readonly sales: number;
  /** The units that the line gives for a price. */
  unitsAt(price: number): number;
}

/** The line through all points; null with fewer than 3 of them, or if the price never varied. */
export function priceLine(points: PricePoints): PriceLine | null {
  const logs = [...points.values()].flat().map(({ x, y }) => [Math.log(x), Math.log(y)]);
  const prices = new Set(logs.map(([price]) => price));
  if (logs.length < 3 || prices.size < 2) return null;
  const fit = linearRegression(logs);
  const line = linearRegressionLine(fit);
  return {
    elasticity: fit.m,
    rSquared: rSquared(logs, line),
    sales: logs.length,
    unitsAt: (price) => Math.exp(line(Math.log(price))),
  };
}
