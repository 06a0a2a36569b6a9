/** The standard normal distribution in logarithms, accurate far into the tails. */

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

/** 1 − 1/a² + 1·3/a⁴ − 1·3·5/a⁶ + …, summed until a term no longer changes the sum. */
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
 * log(Φ(b) − Φ(a)) for a < b. An interval in the upper tail is mirrored into the lower one, where no digits cancel.
 *
 * @param logPhi {@link logCdf}, or a memoised form of it
 */
export function logMass(a: number, b: number, logPhi: (z: number) => number = logCdf): number {
  if (b <= 0) return logDifference(logPhi(b), logPhi(a));
  if (a > 0) return logDifference(logPhi(-a), logPhi(-b));
  return Math.log1p(-plainCdf(a) - plainCdf(-b));
}

/** Φ, for callers that only need a small absolute error. */
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

/**
 * Below: erf and erfc to within one unit in the last place, by the rational approximations and coefficients of W. J.
 * Cody's scheme as implemented at SunPro for FDLIBM's `s_erf.c` (Copyright 1993 Sun Microsystems; use freely granted
 * provided that notice is preserved). C libraries use the same approximations.
 */

/** erf(1) rounded to single precision: the centre of the approximation on [0.84375, 1.25]. */
const ERF_ONE = 0.8450629115104675;

const NEAR_ZERO = {
  p: [
    0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442,
    -2.3763016656650163e-5,
  ],
  q: [
    1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164,
    -3.960228278775368e-6,
  ],
};
const NEAR_ONE = {
  p: [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175,
    -0.11089469428239668, 0.035478304325618236, -0.002166375594868791,
  ],
  q: [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
};
const MIDDLE = {
  p: [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  q: [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
};
const TAIL = {
  p: [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  q: [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
};

const word = new DataView(new ArrayBuffer(8));

/** Evaluates a polynomial; coefficients from the constant upwards. */
type Evaluation = (coefficients: readonly number[], x: number) => number;

/** The error function 2/√π ∫₀ˣ exp(−t²) dt, summed as array libraries do: Horner's rule, x² not split. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 0.84375) return x + x * ratio(NEAR_ZERO, x * x, horner);
  if (size < 1.25) return Math.sign(x) * (ERF_ONE + ratio(NEAR_ONE, size - 1, horner));
  if (size >= 6) return Math.sign(x);
  const s = 1 / (x * x);
  const logarithm = ratio(size < 1 / 0.35 ? MIDDLE : TAIL, s, horner);
  return Math.sign(x) * (1 - (exp(-x * x - 0.5625) * exp(logarithm)) / size);
}

/** erf(x) for |x| < 0.84375, summed as C libraries do. */
function erfNearZero(x: number): number {
  return x + x * ratio(NEAR_ZERO, x * x, paired);
}

/** The complement 1 − erf(x) for x ≥ 0, without its cancellation for large x; summed as C libraries do. */
function erfc(x: number): number {
  if (x < 0.84375) return nearZeroComplement(x);
  if (x < 1.25) return 1 - ERF_ONE - ratio(NEAR_ONE, x - 1, paired);
  if (x >= 28) return 0;
  const logarithm = ratio(x < 1 / 0.35 ? MIDDLE : TAIL, 1 / (x * x), paired);
  const short = upperHalf(x);
  // exp(−x²) is split at 32 bits of x; otherwise rounding x² would lose half the digits.
  return (exp(-short * short - 0.5625) * exp((short - x) * (short + x) + logarithm)) / x;
}

function nearZeroComplement(x: number): number {
  const correction = x * ratio(NEAR_ZERO, x * x, paired);
  return x < 0.25 ? 1 - (x + correction) : 0.5 - (correction + (x - 0.5));
}

/** x with the lower 32 bits of its significand cleared, so that its square is exact. */
function upperHalf(x: number): number {
  word.setFloat64(0, x);
  word.setUint32(4, 0);
  return word.getFloat64(0);
}

function ratio(of: { p: readonly number[]; q: readonly number[] }, x: number, evaluate: Evaluation): number {
  return evaluate(of.p, x) / evaluate(of.q, x);
}

function horner(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + Number(coefficients[i]);
  return sum;
}

/** (c₀ + c₁x) + x²(c₂ + c₃x) + x⁴(c₄ + c₅x) + …, from the left; each power is the one before the last times x⁴. */
function paired(coefficients: readonly number[], x: number): number {
  const square = x * x;
  const fourth = square * square;
  let [power, nextPower] = [1, square];
  let sum = 0;
  for (let i = 0; i < coefficients.length; i += 2) {
    const odd = i + 1 < coefficients.length ? x * Number(coefficients[i + 1]) : 0;
    sum += power * (Number(coefficients[i]) + odd);
    [power, nextPower] = [nextPower, power * fourth];
  }
  return sum;
}
