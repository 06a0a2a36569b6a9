import { HttpProblem } from '../api/errors.ts';
import type { SimulationState } from './state.ts';

/**
 * The index of a day of the current run.
 *
 * @param day 1 for the first; undefined for no day in particular.
 * @returns undefined if no day was asked for.
 * @throws HttpProblem `invalid_day` if the run's calendar has no such day. A day that hasn't been played yet is valid: it has no sales.
 */
export function dayIndexOf(state: SimulationState | null, day: number | undefined): number | undefined {
  if (day === undefined) return undefined;
  const days = (state?.lastIndex ?? -1) + 1;
  if (day >= 1 && day <= days) return day - 1;
  const reason = days > 0 ? `the run has days 1 to ${days}` : 'the simulation has not been initialized';
  throw new HttpProblem('invalid_day', `day ${day} is out of range: ${reason}.`);
}
