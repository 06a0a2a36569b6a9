import { describe, expect, it } from 'vitest';
import { interval95, tTest } from '../../../../shared/analytics/student-t.ts';

describe('Student’s t', () => {
  // scipy 1.17, scipy.stats.t: sf and ppf.
  it.each([
    { t: 1.96, df: 1, p: 0.3003428917760331 },
    { t: -2.5, df: 13.4, p: 0.02611812050721975 },
    { t: 0.01, df: 148, p: 0.9920347543437669 },
    { t: 4, df: 3653, p: 6.459682230375049e-5 },
  ])('|t| ≥ $t at $df degrees of freedom has the probability $p', ({ t, df, p }) => {
    expect(tTest(t, 1, df).pValue / p).toBeCloseTo(1, 6);
  });

  it.each([
    { df: 1, quantile: 12.706204736174694 },
    { df: 2.7, quantile: 3.3921483831737507 },
    { df: 3653, quantile: 1.960613599671205 },
  ])('95 % of Student’s t with $df degrees of freedom lie within ± $quantile', ({ df, quantile }) => {
    expect(interval95(0, 1, df).high).toBeCloseTo(quantile, 5);
    expect(interval95(0, 1, df).low).toBeCloseTo(-quantile, 5);
  });

  it('the p value stays a probability for any t statistic', () => {
    for (const t of [0, 1e-9, 1e8, 1e200]) {
      for (const df of [1, 2.5, 40, 1e6]) {
        const { pValue } = tTest(t, 1, df);
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }
    }
  });
});
