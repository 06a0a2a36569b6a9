/**
 * exp and log within 0.51 units in the last place. V8's results are off by one unit for one argument in ten. Usually
 * that is harmless; here the scores of two symmetrical candidates differ only in the last bit, which decides the trial
 * and every trial after it.
 *
 * Table method of Tang, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic"
 * (ACM TOMS 15(2), 1989): x = k·ln 2/128 + r, exp(x) = 2^⌊k/128⌋ · 2^((k mod 128)/128) · exp(r). Values that don't
 * fit one double are kept as the sum of two (Dekker, "A floating-point technique for extending the available precision", 1971).
 */

const TABLE_SIZE = 128;
const STEPS_PER_UNIT = TABLE_SIZE / Math.LN2;
/** ln 2/128 in two parts; the first has 34 bits, so that k times it is exact. */
const STEP_HIGH = 0.005415212347998022;
const STEP_LOW = 1.2655086083325438e-13;
/** Beyond it, 2^⌊k/128⌋ is no longer a normal double. */
const LARGEST_ARGUMENT = 700;

const ROOTS = rootsOfTwo();
const POWERS = powersOfTwo();

/** e^x within 0.51 units in the last place. Beyond ±700 returns V8's result. */
export function exp(x: number): number {
  if (!(Math.abs(x) < LARGEST_ARGUMENT)) return Math.exp(x);
  const k = Math.round(x * STEPS_PER_UNIT);
  const coarse = x - k * STEP_HIGH;
  const r = coarse - k * STEP_LOW;
  const tail = expTail(r) + (coarse - r - k * STEP_LOW);
  const root = Number(ROOTS.high[k & (TABLE_SIZE - 1)]);
  const correction = Number(ROOTS.low[k & (TABLE_SIZE - 1)]);
  return powerOfTwo(k >> 7) * (root + (correction + root * (r + tail)));
}

/**
 * The natural logarithm, within 0.51 units in the last place: V8's result, improved by one step of Newton's method on exp,
 * x·exp(−y) − 1. The step is computed in double-double arithmetic, because all digits but the last cancel.
 *
 * @param x A normal number above 0.
 */
export function log(x: number): number {
  const y = Math.log(x);
  if (!(Math.abs(y) < LARGEST_ARGUMENT)) return y;
  const k = Math.round(-y * STEPS_PER_UNIT);
  const coarse = -y - k * STEP_HIGH;
  const r = coarse - k * STEP_LOW;
  const tail = expTail(r) + (coarse - r - k * STEP_LOW);
  const scaled = x * powerOfTwo(k >> 7);
  const root = Number(ROOTS.high[k & (TABLE_SIZE - 1)]);
  const near = scaled * root;
  const nearError = productError(scaled, root, near) + scaled * Number(ROOTS.low[k & (TABLE_SIZE - 1)]);
  const step = near * r;
  return y + (near - 1 + step + (productError(near, r, step) + nearError + near * tail));
}

/** exp(r) − 1 − r for |r| ≤ ln 2/256. */
function expTail(r: number): number {
  return r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r / 720))));
}

/** The rounding error of the double `product` of a and b. */
function productError(a: number, b: number, product: number): number {
  const aHigh = upperDigits(a);
  const aLow = a - aHigh;
  const bHigh = upperDigits(b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The upper 26 bits of a double's significand (Veltkamp's splitting). */
function upperDigits(x: number): number {
  const spread = x * 134217729;
  return spread - (spread - x);
}

/** 2^(i/128) for i = 0 … 127 as sums of two doubles: products of the repeated square roots of 2. */
function rootsOfTwo(): { high: Float64Array; low: Float64Array } {
  const high = new Float64Array(TABLE_SIZE).fill(1);
  const low = new Float64Array(TABLE_SIZE);
  let [rootHigh, rootLow] = [2, 0];
  for (let bit = TABLE_SIZE / 2; bit >= 1; bit /= 2) {
    [rootHigh, rootLow] = squareRoot(rootHigh, rootLow);
    for (let i = bit; i < TABLE_SIZE; i++) {
      if ((i & bit) === 0) continue;
      [high[i], low[i]] = multiply(Number(high[i]), Number(low[i]), rootHigh, rootLow);
    }
  }
  return { high, low };
}

function squareRoot(high: number, low: number): [number, number] {
  const root = Math.sqrt(high);
  const square = root * root;
  return normalised(root, (high - square - productError(root, root, square) + low) / (2 * root));
}

function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): [number, number] {
  const product = aHigh * bHigh;
  return normalised(product, productError(aHigh, bHigh, product) + (aHigh * bLow + aLow * bHigh));
}

function normalised(high: number, low: number): [number, number] {
  const sum = high + low;
  return [sum, low - (sum - high)];
}

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(2046).fill(1);
  for (let i = 1023; i < powers.length; i++) powers[i] = Number(powers[i - 1]) * 2;
  for (let i = 1021; i >= 0; i--) powers[i] = Number(powers[i + 1]) / 2;
  return powers;
}

function powerOfTwo(exponent: number): number {
  return Number(POWERS[exponent + 1022]);
}
