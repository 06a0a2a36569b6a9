import type { Curve } from './trend.ts';

const WIDTH = 720;
const PLOT_HEIGHT = 90;
const LABEL_HEIGHT = 22;
const COLOURS = ['#2563eb', '#16a34a', '#d97706', '#dc2626', '#7c3aed', '#0891b2'];

/** Small multiples, one below the other: each curve from zero to its maximum, over the same time. */
export function chartOf(curves: readonly Curve[]): string {
  const height = curves.length * (PLOT_HEIGHT + LABEL_HEIGHT);
  const end = Math.max(...curves.map(({ points }) => points.at(-1)?.[0] ?? 0));
  const plots = curves.map((curve, index) => plotOf(curve, end, index));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...plots,
    '</svg>\n',
  ].join('\n');
}

function plotOf({ name, unit, points }: Curve, end: number, index: number): string {
  const greatest = Math.max(...points.map(([, value]) => value), 1);
  const top = index * (PLOT_HEIGHT + LABEL_HEIGHT) + LABEL_HEIGHT;
  const place = ([seconds, value]: Curve['points'][number]) =>
    `${((seconds / end) * WIDTH).toFixed(1)},${(top + PLOT_HEIGHT * (1 - value / greatest)).toFixed(1)}`;
  const colour = COLOURS[index % COLOURS.length];
  return [
    `<text x="4" y="${top - 7}">${name}: 0 to ${Math.round(greatest)} ${unit}, over ${Math.round(end / 60)} minutes</text>`,
    `<line x1="0" y1="${top + PLOT_HEIGHT}" x2="${WIDTH}" y2="${top + PLOT_HEIGHT}" stroke="#d1d5db"/>`,
    `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.map(place).join(' ')}"/>`,
  ].join('\n');
}
