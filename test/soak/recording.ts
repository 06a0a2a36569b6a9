import type { Curve } from './trend.ts';

/** Curves under construction. */
export interface Recording {
  /** Adds a point to a curve; the first point creates the curve. */
  add(name: string, unit: string, grain: number, value: number): void;
  curves(): readonly Curve[];
}

/** @param seconds Returns the seconds since the start. */
export function startRecording(seconds: () => number): Recording {
  const curves = new Map<string, Curve & { readonly points: [number, number][] }>();
  return {
    add(name, unit, grain, value) {
      const curve = curves.get(name) ?? { name, unit, grain, points: [] };
      curves.set(name, curve);
      curve.points.push([Math.round(seconds()), Math.round(value * 10) / 10]);
    },
    curves: () => [...curves.values()],
  };
}
