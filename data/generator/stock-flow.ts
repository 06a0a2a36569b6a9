/**
 * Days on which a shop sells between an order and its delivery: what is ordered after closing on day d is on the shelf on
 * the morning of day d + 1 + LEAD_DAYS.
 */
export const LEAD_DAYS = 2;
/** Smallest order that is delivered. */
const LEAST_ORDER = 20;
/** A shelf is planned to hold at least this much, however little is sold. */
const LEAST_STOCK = 50;
/** And at most this much. */
const MOST_STOCK = 500;

/** The stock of one product in one store: what is there is what was there, less what was sold, plus what was delivered. */
export interface StockFlow {
  /** Receives the day's delivery. @returns the units on the shelf at opening */
  open(): number;
  /**
   * Ends the day: takes out what was sold and orders what the shelf will lack when the order arrives.
   *
   * @param planned units that are expected to be sold on the days 1 … LEAD_DAYS + 1 after this one
   * @param cover multiple of the expected units of the day of arrival that should be on the shelf that morning
   * @returns the units ordered: 0, or at least 20
   */
  close(sold: number, planned: readonly number[], cover: number): number;
}

/**
 * Starts a flow. What was ordered before the first day covers what is planned for each of the first days.
 *
 * @param planned units that are expected to be sold on the first days, the first of all included: LEAD_DAYS + 1 of them
 * @param cover of those orders
 */
export function stockFlow(planned: readonly number[], cover: number): StockFlow {
  const [first = 0, ...rest] = planned;
  let onHand = 0;
  /** Deliveries of the coming mornings, the next one first. */
  let onOrder = [Math.round(withinShelf(cover * first)), ...rest.map((units) => Math.round(units))];
  return {
    open() {
      const [delivery = 0, ...later] = onOrder;
      onHand += delivery;
      onOrder = later;
      return onHand;
    },
    close(sold, coming, coverOnArrival) {
      onHand -= sold;
      const order = orderFor(onHand, onOrder, coming, coverOnArrival);
      onOrder = [...onOrder, order];
      return order;
    },
  };
}

/** What will be missing on the morning on which the order arrives, if sales go as planned until then. */
function orderFor(
  onHand: number,
  onOrder: readonly number[],
  coming: readonly number[],
  cover: number,
): number {
  const left = onOrder.reduce(
    (stock, delivery, day) => Math.max(stock + delivery - Number(coming[day]), 0),
    onHand,
  );
  const target = withinShelf(cover * Number(coming[onOrder.length]));
  const missing = Math.round(target - left);
  return missing > 0 ? Math.max(missing, LEAST_ORDER) : 0;
}

function withinShelf(stock: number): number {
  return Math.min(Math.max(stock, LEAST_STOCK), MOST_STOCK);
}
