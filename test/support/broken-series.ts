import { randomStream } from '../../data/generator/random-stream.ts';

/** A year and three quarters of daily demand, and the two weeks after it. */
export interface BrokenSeries {
  readonly history: readonly number[];
  /** The actual demand of the {@link FUTURE_DAYS} days after the history. */
  readonly future: readonly number[];
}

/** How the demand of a series changes, by name. */
export const REGIMES = ['steady', 'launch', 'triples', 'grows', 'noisier'] as const;
export type Regime = (typeof REGIMES)[number];

export const FUTURE_DAYS = 14;
const HISTORY_DAYS = 465;
const LAUNCH_DAYS = 100;
const TRIPLED_DAYS = 70;
const NOISY_DAYS = 56;
const NOISE = 0.2;

/**
 * A series with weekday effects and lognormal noise whose regime changes: it is launched after a year of zeros, triples
 * ten weeks before the end, grows eightfold, or gets 2.5 times as noisy eight weeks before the end.
 *
 * @param seed of the series; each draws its own level, weekdays and noise
 */
export function brokenSeries(regime: Regime, seed: number): BrokenSeries {
  const random = randomStream(seed, `regime ${regime}`);
  const level = Math.exp(random.between(Math.log(15), Math.log(150)));
  const weekdays = Array.from({ length: 7 }, () => random.normal(0.25));
  const days = Array.from({ length: HISTORY_DAYS + FUTURE_DAYS }, (_, day) => {
    const left = HISTORY_DAYS - day;
    const noise = random.normal(NOISE * (regime === 'noisier' && left <= NOISY_DAYS ? 2.5 : 1));
    const demand = level * Math.exp(Number(weekdays[day % 7]) + noise);
    return Math.round(demand * factorOf(regime, day, left));
  });
  return { history: days.slice(0, HISTORY_DAYS), future: days.slice(HISTORY_DAYS) };
}

function factorOf(regime: Regime, day: number, left: number): number {
  if (regime === 'launch') return left > LAUNCH_DAYS ? 0 : 1;
  if (regime === 'triples') return left > TRIPLED_DAYS ? 1 : 3;
  return regime === 'grows' ? 8 ** (day / HISTORY_DAYS) : 1;
}
