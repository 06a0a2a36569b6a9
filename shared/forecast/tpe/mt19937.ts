/**
 * The Mersenne Twister MT19937 (Matsumoto & Nishimura, ACM TOMACS 8(1), 1998), seeded by one 32-bit number with
 * the `init_genrand` of the 2002 reference: the generator behind `numpy.random.RandomState(seed)`.
 */

const STATE_SIZE = 624;
const SHIFT_SIZE = 397;
const MATRIX_A = 0x9908b0df;
const UPPER_MASK = 0x80000000;
const LOWER_MASK = 0x7fffffff;

/** A stream of uniform doubles in [0, 1). */
export type UniformSource = () => number;

function seededState(seed: number): Uint32Array {
  const state = new Uint32Array(STATE_SIZE);
  let previous = seed;
  state[0] = previous;
  for (let i = 1; i < STATE_SIZE; i++) {
    previous = (Math.imul(1812433253, previous ^ (previous >>> 30)) + i) >>> 0;
    state[i] = previous;
  }
  return state;
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < STATE_SIZE; i++) {
    const joined = (Number(state[i]) & UPPER_MASK) | (Number(state[(i + 1) % STATE_SIZE]) & LOWER_MASK);
    const far = Number(state[(i + SHIFT_SIZE) % STATE_SIZE]);
    state[i] = far ^ (joined >>> 1) ^ (joined & 1 ? MATRIX_A : 0);
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return (y ^ (y >>> 18)) >>> 0;
}

/**
 * Opens a generator of 53-bit uniform doubles.
 *
 * @param seed An integer from 0 to 2³² − 1.
 * @throws RangeError for any other seed.
 * @example
 * const uniform = mersenneTwister(42);
 * uniform(); // 0.3745401188473625, as numpy.random.RandomState(42) draws first
 */
export function mersenneTwister(seed: number): UniformSource {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(`A seed is an integer from 0 to 4294967295, got ${seed}.`);
  }
  const state = seededState(seed);
  let next = STATE_SIZE;
  const word = (): number => {
    if (next === STATE_SIZE) {
      twist(state);
      next = 0;
    }
    return temper(Number(state[next++]));
  };
  return () => {
    const high = word() >>> 5;
    const low = word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  };
}
