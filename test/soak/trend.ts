import type { Witness } from '../viewers/reconnecting-viewer.ts';

/** A summary of what viewers saw, small enough for hours. */
export interface OrderCheck {
  sales: number;
  resets: number;
  /** Sales whose id was not greater than the previous one: doubled or out of order. */
  disorders: number;
}

export function newOrderCheck(): OrderCheck {
  return { sales: 0, resets: 0, disorders: 0 };
}

/** The witness of one viewer; it adds to the summary of all. */
export function orderWitness(order: OrderCheck): Witness {
  let lastId = 0;
  return {
    sale: (id) => {
      order.sales += 1;
      if (id <= lastId) order.disorders += 1;
      lastId = id;
    },
    startOver: () => {
      order.resets += 1;
      lastId = 0;
    },
  };
}

/** One value over time. */
export interface Curve {
  readonly name: string;
  readonly unit: string;
  /** Growth without meaning at any level: the measure's grain, one more cache or pooled connection. */
  readonly grain: number;
  /** Seconds since the start, ascending, and the value. */
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

export interface Growth {
  /** Growth of the lower envelope over the last two thirds, by its slope. */
  readonly grown: number;
  readonly allowed: number;
  readonly isGrowing: boolean;
}

/** Share of the first third's level. */
const ALLOWED_SHARE = 0.1;

/** Windows whose minima form the lower envelope. */
const WINDOWS = 24;

/**
 * Whether a curve grows. A leak raises the lower envelope for as long as it runs, and warming up, garbage and bursts don't: so the
 * slope of the envelope over the last two thirds (Theil and Sen: the median of the slopes between any two windows, which a
 * few odd ones can't move) must not lead further than a tenth of what the first third came to, or than the curve's grain.
 */
export function growthOf({ points, grain }: Curve): Growth {
  const end = points.at(-1)?.[0] ?? 0;
  const first = points.filter(([seconds]) => seconds <= end / 3).map(([, value]) => value);
  const envelope = lowerEnvelope(points, end).filter(([seconds]) => seconds > end / 3);
  const grown = medianSlope(envelope) * ((end * 2) / 3);
  const allowed = Math.max(grain, ALLOWED_SHARE * Math.max(...first));
  return { grown, allowed, isGrowing: !(grown <= allowed) };
}

function lowerEnvelope(points: Curve['points'], end: number): [number, number][] {
  const windows = Map.groupBy(points, ([seconds]) =>
    Math.min(WINDOWS - 1, Math.floor((seconds / end) * WINDOWS)),
  );
  return [...windows.values()].map((window) => {
    const least = window.reduce((a, b) => (b[1] < a[1] ? b : a));
    return [least[0], least[1]];
  });
}

function medianSlope(points: readonly (readonly [number, number])[]): number {
  const slopes = points.flatMap(([x1, y1], index) =>
    points.slice(index + 1).map(([x2, y2]) => (y2 - y1) / (x2 - x1)),
  );
  slopes.sort((a, b) => a - b);
  return slopes[slopes.length >> 1] ?? Number.NaN;
}
