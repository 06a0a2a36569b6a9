import { type DaySummary, isWhole } from './day-summary.ts';
import { byId } from './dom.ts';
import type { Run } from './state.ts';

/** So many days before the shown one say how it stands among them. */
const DAYS = 30;

/** With fewer there is nothing to see. */
const LEAST_DAYS = 5;

/** A line through values, from zero to the greatest, in a box of 100 × 100; empty with a handful of them. */
export function sparklinePath(values: readonly number[]): string {
  const greatest = Math.max(...values);
  if (values.length < LEAST_DAYS || greatest <= 0) return '';
  const points = values.map((value, index) => {
    const [x, y] = [(index / (values.length - 1)) * 100, (1 - value / greatest) * 100];
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}

/** Draws the newest days beside the figures of the last of them. */
export function createSparklines(): (run: Run) => void {
  const lines: readonly (readonly [SVGPathElement, (day: DaySummary) => number])[] = [
    [byId('spark-revenue', SVGPathElement), (day) => day.revenueCents],
    [byId('spark-units', SVGPathElement), (day) => day.units],
    [byId('spark-promotions', SVGPathElement), (day) => day.promoted / day.events],
  ];

  return ({ days }) => {
    const newest = [...days.values()].filter(isWhole).slice(-DAYS);
    for (const [path, measure] of lines) path.setAttribute('d', sparklinePath(newest.map(measure)));
  };
}
