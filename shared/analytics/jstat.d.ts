/** The part of jStat that `student-t.ts` uses; the package brings no types. */
declare module 'jstat' {
  const jStat: {
    /** The regularized incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
    readonly studentt: { inv(probability: number, degreesOfFreedom: number): number };
  };
  export = jStat;
}
