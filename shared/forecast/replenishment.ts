/**
 * What to order: an order-up-to policy with periodic review (R, S), from the joint distribution of the days until the next
 * order's delivery. Silver, Pyke & Thomas, "Inventory and Production Management in Supply Chains" (4th ed., 2017), chapter 6
 * (service levels P1 and P2, expected shortage per replenishment cycle, fill rate); Nahmias & Olsen, "Production and Operations
 * Analysis" (7th ed., 2015), chapter 5 (newsvendor, (R, S)).
 *
 * An order made after closing on day d is on the shelf on the morning of day d + 1 + lead time. What is ordered today must last
 * until the delivery of the next order, a review period later: for lead time + review period selling days.
 */

import type { DemandPath } from './demand-paths.ts';

/** Costs of one unit too few and of one too many at the end of the period. */
export interface UnitCosts {
  readonly underage: number;
  readonly overage: number;
}

export interface ReplenishmentPolicy {
  /** Selling days between an order and its delivery. */
  readonly leadDays: number;
  /** Days between orders, at least 1. */
  readonly reviewDays: number;
  /** Probability (0 … 1) that the stock lasts until the next delivery. */
  readonly serviceLevel: number;
  readonly costs?: UnitCosts | undefined;
}

/** In units; nothing is rounded but the order-up-to level and the order, which are whole units. */
export interface Replenishment {
  readonly orderUpTo: number;
  readonly orderQuantity: number;
  /** What the order-up-to level holds beyond the expected demand; below 0 if running out is cheap. */
  readonly safetyStock: number;
  /** Over lead time and review period. */
  readonly expectedDemand: number;
  /** Units expected to be lost between this order's delivery and the next one's. */
  readonly expectedShortage: number;
  /** Share (0 … 1) of the demand of those days that is met. */
  readonly fillRate: number;
  /** Expected cost of units too few and too many at the end of the period; null without costs. */
  readonly expectedCost: number | null;
}

/**
 * The service level at which one more unit costs as much as it saves: the newsvendor's critical ratio (Arrow, Harris & Marschak,
 * "Optimal inventory policy", Econometrica 19(3), 1951).
 *
 * @param costs both above 0, in money per unit
 * @returns 0 … 1
 */
export function criticalRatio({ underage, overage }: UnitCosts): number {
  return underage / (underage + overage);
}

/**
 * What to order now.
 *
 * @param paths of lead time + review period days, as `demandPaths` returns them; at least one
 * @param position units on hand and on order
 * @param policy the days and the probability to cover; costs, if given, only add their expectation
 */
export function replenishment(
  paths: readonly DemandPath[],
  position: number,
  { leadDays, serviceLevel, costs }: ReplenishmentPolicy,
): Replenishment {
  const untilNext = paths.map(({ units, weight }) => ({ demand: sum(units), weight }));
  const untilDelivery = paths.map(({ units, weight }) => ({ demand: sum(units.slice(0, leadDays)), weight }));
  const orderUpTo = Math.ceil(serviceQuantile(untilNext, serviceLevel));
  const stock = Math.max(orderUpTo, position);
  const expectedDemand = expectation(untilNext, (demand) => demand);
  const tooFew = expectation(untilNext, (demand) => Math.max(demand - stock, 0));
  // What is lost before the delivery is lost whatever is ordered now (Silver, Pyke & Thomas, 6.7.3 and problem 6.8).
  const lostBefore = expectation(untilDelivery, (demand) => Math.max(demand - stock, 0));
  const expectedShortage = Math.max(tooFew - lostBefore, 0);
  const ofReview = expectedDemand - expectation(untilDelivery, (demand) => demand);
  return {
    orderUpTo,
    orderQuantity: Math.max(orderUpTo - Math.ceil(position), 0),
    safetyStock: orderUpTo - expectedDemand,
    expectedDemand,
    expectedShortage,
    fillRate: ofReview > 0 ? Math.max(1 - expectedShortage / ofReview, 0) : 1,
    expectedCost: costs
      ? costs.underage * tooFew +
        costs.overage * expectation(untilNext, (demand) => Math.max(stock - demand, 0))
      : null,
  };
}

interface WeightedDemand {
  readonly demand: number;
  readonly weight: number;
}

/**
 * The demand that the next period exceeds with a probability of at most 1 − level: the conformal quantile (Lei et al., JASA
 * 113(523), 2018), in which the demand to come counts as one more, above all others. With too few paths for a
 * level, the largest demand is used.
 */
function serviceQuantile(demands: readonly WeightedDemand[], level: number): number {
  const total = demands.reduce((all, { weight }) => all + weight, 0);
  const own = total / demands.length;
  const wanted = (1 - level) * (total + own);
  const descending = demands.toSorted((a, b) => b.demand - a.demand);
  let above = own;
  for (const { demand, weight } of descending) {
    above += weight;
    if (above > wanted) return demand;
  }
  return descending.at(-1)?.demand ?? 0;
}

function expectation(demands: readonly WeightedDemand[], measure: (demand: number) => number): number {
  let [total, weights] = [0, 0];
  for (const { demand, weight } of demands) {
    total += weight * measure(demand);
    weights += weight;
  }
  return weights > 0 ? total / weights : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
