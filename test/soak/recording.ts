import type { Curve } from './trend.ts';

/** Curves that are being drawn. */
export interface Recording {
  /** Adds a point to a curve, which its first point begins. */
  add(name: string, unit: string, grain: number, value: number): void;
  curves(): readonly Curve[];
}

/** @param seconds The time since the begin. */
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
