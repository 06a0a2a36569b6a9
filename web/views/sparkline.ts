/** With fewer values there is no trend to see. */
const LEAST_VALUES = 5;

/** The SVG path of a line through values, from zero to the greatest, in a box of 100 × 100; empty if there are too few. */
export function sparklinePath(values: readonly number[]): string {
  const greatest = Math.max(...values);
  if (values.length < LEAST_VALUES || greatest <= 0) return '';
  const points = values.map((value, index) => {
    const [x, y] = [(index / (values.length - 1)) * 100, (1 - value / greatest) * 100];
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}
