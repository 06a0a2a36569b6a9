/** The standard normal distribution in logarithms, accurate far into the tails. */

import { erf, erfc, erfNearZero } from './error-function.ts';
import { exp, log } from './exp-log.ts';

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** Φ(a). */
function cdf(a: number): number {
  const x = a / Math.SQRT2;
  if (x < -Math.SQRT1_2) return 0.5 * erfc(-x);
  return x < Math.SQRT1_2 ? 0.5 + 0.5 * erfNearZero(x) : 1 - 0.5 * erfc(x);
}

/** log Φ(a): by Φ itself down to −20, below by its asymptotic series (Abramowitz & Stegun 26.2.12). */
export function logCdf(a: number): number {
  if (a > 6) return -cdf(-a);
  if (a > -20) return log(cdf(a));
  return -0.5 * a * a - log(-a) - LOG_SQRT_2PI + log(millsSeries(a));
}

/** 1 − 1/a² + 1·3/a⁴ − 1·3·5/a⁶ + …, summed until a term no longer counts. */
function millsSeries(a: number): number {
  const inverseSquare = 1 / (a * a);
  let sum = 1;
  let change = 1;
  let power = 1;
  let oddFactorial = 1;
  for (let i = 1; Math.abs(change) > Number.EPSILON; i++) {
    power *= -inverseSquare;
    oddFactorial *= 2 * i - 1;
    const next = sum + oddFactorial * power;
    change = next - sum;
    sum = next;
  }
  return sum;
}

/**
 * log(Φ(b) − Φ(a)) for a < b. An interval in the upper tail is mirrored into the lower one, where digits are kept.
 *
 * @param logPhi {@link logCdf}, or a form of it that remembers
 */
export function logMass(a: number, b: number, logPhi: (z: number) => number = logCdf): number {
  if (b <= 0) return logDifference(logPhi(b), logPhi(a));
  if (a > 0) return logDifference(logPhi(-a), logPhi(-b));
  return Math.log1p(-plainCdf(a) - plainCdf(-b));
}

/** Φ where only its absolute error counts. */
function plainCdf(a: number): number {
  return 0.5 + 0.5 * erf(a / Math.SQRT2);
}

function logDifference(logMore: number, logLess: number): number {
  return logMore + Math.log1p(-exp(logLess - logMore));
}

/** log(exp(p) + exp(q)) without overflow. */
export function logAddExp(p: number, q: number): number {
  return p === q ? p + Math.LN2 : Math.max(p, q) + Math.log1p(exp(-Math.abs(p - q)));
}
