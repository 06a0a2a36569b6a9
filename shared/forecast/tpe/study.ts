/** A study: a search over integer parameters by an ask-and-tell interface. */

import { type Direction, type Observation, tpeSampler } from './sampler.ts';
import type { IntegerRange } from './truncated-normal.ts';

export type { Direction } from './sampler.ts';

/** A named range of integers. */
interface IntegerParameter<Name extends string = string> extends IntegerRange {
  readonly name: Name;
}

interface StudyOptions<Name extends string> {
  /** In the order in which they are suggested: another order is another search. */
  readonly parameters: readonly IntegerParameter<Name>[];
  /** Default `minimize`. */
  readonly direction?: Direction;
  /** 0 … 2³² − 1, default 42. The same seed and the same answers give the same trials. */
  readonly seed?: number;
}

/** A trial to run. */
export interface Trial<Name extends string = string> {
  /** From 0, in the order of asking. */
  readonly number: number;
  readonly params: Readonly<Record<Name, number>>;
}

/** A trial that was run; `value` is null if the objective had none. */
interface FinishedTrial<Name extends string = string> extends Trial<Name> {
  readonly value: number | null;
}

export interface Study<Name extends string = string> {
  /** Returns the next trial. Several may run at a time; only finished ones guide the search. */
  ask(): Trial<Name>;
  /**
   * Finishes a trial.
   *
   * @param value null or NaN: the trial has no value and doesn't guide the search
   * @throws RangeError for a trial that isn't running
   */
  tell(trial: Trial<Name>, value: number | null): void;
  /** Runs `count` trials one after the other and returns all finished ones. Errors of the objective propagate. */
  optimize(
    objective: (params: Readonly<Record<Name, number>>) => number | null,
    count: number,
  ): readonly FinishedTrial<Name>[];
  /** Finished trials by number. */
  readonly trials: readonly FinishedTrial<Name>[];
  /** The best trial with a value, the first of equals; null if there is none. */
  readonly best: FinishedTrial<Name> | null;
}

/**
 * Opens a study.
 *
 * @throws RangeError for a range without integers, a repeated name or an impossible seed
 * @example
 * const study = createStudy({ parameters: [{ name: 'window', low: 3, high: 30 }], seed: 42 });
 * study.optimize(({ window }) => (window - 7) ** 2, 20);
 * study.best?.params.window; // 7
 */
export function createStudy<const Name extends string>(options: StudyOptions<Name>): Study<Name> {
  const { parameters, direction = 'minimize', seed = 42 } = options;
  checkParameters(parameters);
  const suggest = tpeSampler(parameters, direction, seed);
  const running = new Map<number, Trial<Name>>();
  const finished: FinishedTrial<Name>[] = [];
  let asked = 0;

  function ask(): Trial<Name> {
    const values = suggest(observations(finished, parameters));
    const trial = { number: asked++, params: named(parameters, values) };
    running.set(trial.number, trial);
    return trial;
  }

  function tell({ number }: Trial<Name>, value: number | null): void {
    const trial = running.get(number);
    if (trial === undefined) {
      throw new RangeError(`Trial ${number} is not under way: tell each trial once, after asking for it.`);
    }
    running.delete(number);
    finished.push({ ...trial, value: value === null || Number.isNaN(value) ? null : value });
    finished.sort((a, b) => a.number - b.number);
  }

  return {
    ask,
    tell,
    optimize(objective, count) {
      for (let i = 0; i < count; i++) {
        const trial = ask();
        tell(trial, objective(trial.params));
      }
      return finished;
    },
    get trials() {
      return finished;
    },
    get best() {
      return bestOf(finished, direction);
    },
  };
}

function observations<Name extends string>(
  finished: readonly FinishedTrial<Name>[],
  parameters: readonly IntegerParameter<Name>[],
): Observation[] {
  return finished.flatMap(({ params, value }) =>
    value === null ? [] : [{ values: parameters.map(({ name }) => params[name]), objective: value }],
  );
}

function named<Name extends string>(
  parameters: readonly IntegerParameter<Name>[],
  values: readonly number[],
): Readonly<Record<Name, number>> {
  const record: Readonly<Record<string, number>> = Object.fromEntries(
    parameters.map(({ name }, index) => [name, Number(values[index])]),
  );
  if (!hasAll(record, parameters)) throw new TypeError('A parameter has no value.');
  return record;
}

/** Whether a record has a value of every parameter; `Object.fromEntries` loses the type of its keys. */
function hasAll<Name extends string>(
  record: Readonly<Record<string, number>>,
  parameters: readonly IntegerParameter<Name>[],
): record is Readonly<Record<Name, number>> {
  return parameters.every(({ name }) => Object.hasOwn(record, name));
}

function bestOf<T extends { readonly value: number | null }>(
  trials: readonly T[],
  direction: Direction,
): T | null {
  let best: T | null = null;
  for (const trial of trials) {
    if (trial.value === null) continue;
    const better =
      best === null ||
      best.value === null ||
      (direction === 'minimize' ? trial.value < best.value : trial.value > best.value);
    if (better) best = trial;
  }
  return best;
}

function checkParameters(parameters: readonly IntegerParameter[]): void {
  const names = new Set<string>();
  for (const { name, low, high } of parameters) {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low > high) {
      throw new RangeError(`Parameter "${name}" needs integers low ≤ high, got ${low} … ${high}.`);
    }
    if (names.has(name)) throw new RangeError(`Parameter "${name}" is declared twice.`);
    names.add(name);
  }
}
