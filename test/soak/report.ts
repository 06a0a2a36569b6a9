import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ViewerCounts } from '../viewers/reconnecting-viewer.ts';
import { chartOf } from './chart.ts';
import type { LoadCounts } from './load.ts';
import type { OrderCheck } from './trend.ts';
import { type Curve, growthOf } from './trend.ts';

/** Everything a soak has measured so far. */
export interface SoakState {
  readonly load: LoadCounts;
  readonly viewers: ViewerCounts;
  readonly seen: OrderCheck;
  readonly curves: readonly Curve[];
}

/** Writes the curves into a folder as JSON and SVG. */
export async function save(folder: string, { load, ...state }: SoakState): Promise<void> {
  const unexpected = Object.fromEntries(load.unexpected);
  const text = JSON.stringify({ load: { ...load, unexpected }, ...state }, null, 1);
  await writeFile(join(folder, 'curves.json'), text);
  await writeFile(join(folder, 'curves.svg'), chartOf(state.curves));
}

/** Describes each violation; empty if nothing grew and every answer was right. */
export function complaintsOf({ load, seen, curves }: SoakState): string[] {
  const growing = curves.flatMap((curve) => {
    const { isGrowing, grown, allowed } = growthOf(curve);
    if (!isGrowing) return [];
    return [`${curve.name}: grew by ${grown.toFixed(1)} ${curve.unit}, allowed are ${allowed.toFixed(1)}.`];
  });
  const answers = [...load.unexpected].map(
    ([answer, count]) => `${count} requests were answered with ${answer}.`,
  );
  const disorders = seen.disorders === 0 ? [] : [`${seen.disorders} sales came twice or out of order.`];
  return [...growing, ...answers, ...disorders];
}

/** The curves as a Markdown table: first third, last third, growth of the lower envelope and the limit. */
export function tableOf(curves: readonly Curve[]): string {
  const rows = curves.map((curve) => {
    const { grown, allowed, isGrowing } = growthOf(curve);
    const end = curve.points.at(-1)?.[0] ?? 0;
    const range = (from: number, to: number) => {
      const values = curve.points.filter(([x]) => x > from && x <= to).map(([, value]) => value);
      return `${Math.min(...values)}–${Math.max(...values)}`;
    };
    const verdict = `${grown.toFixed(1)}${isGrowing ? ' **grows**' : ''} | ${allowed.toFixed(1)}`;
    return `| ${curve.name} | ${curve.unit} | ${range(-1, end / 3)} | ${range((end * 2) / 3, end)} | ${verdict} |`;
  });
  return [
    '| what | unit | first third | last third | grown | allowed |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
