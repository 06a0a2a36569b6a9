import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitTrials } from '../../../../../shared/forecast/tpe/sampler.ts';
import { createStudy } from '../../../../../shared/forecast/tpe/study.ts';

const range = fc
  .tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 0, max: 200 }))
  .map(([low, span]) => ({ low, high: low + span }));

describe('createStudy', () => {
  it('a study finds the minimum of a bowl and, by the same trials, the maximum of its mirror image', () => {
    const parameters = [{ name: 'x', low: -50, high: 50 }] as const;
    const down = createStudy({ parameters });
    const up = createStudy({ parameters, direction: 'maximize' });
    down.optimize(({ x }) => (x - 7) ** 2, 60);
    up.optimize(({ x }) => -((x - 7) ** 2), 60);
    expect(down.best?.params.x).toBe(7);
    expect(up.trials.map(({ params }) => params)).toEqual(down.trials.map(({ params }) => params));
  });

  it('a study stays in its ranges and depends on the seed alone', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), fc.nat(1000), (ranges, seed) => {
        const parameters = ranges.map((bounds, index) => ({ name: `p${index}`, ...bounds }));
        const run = () =>
          createStudy({ parameters, seed })
            .optimize((params) => Math.sin(Object.values(params).reduce((a, b) => a + b, 0)), 15)
            .map(({ params }) => Object.values(params));
        const trials = run();
        for (const values of trials) {
          values.forEach((value, index) => {
            const bounds = ranges[index];
            expect(Number.isInteger(value)).toBe(true);
            expect(value >= Number(bounds?.low) && value <= Number(bounds?.high)).toBe(true);
          });
        }
        expect(run()).toEqual(trials);
      }),
      { numRuns: 40 },
    );
    const trialsOf = (seed: number) =>
      createStudy({ parameters: [{ name: 'x', low: 0, high: 1000 }], seed }).optimize(() => 0, 5);
    expect(trialsOf(1)).not.toEqual(trialsOf(2));
  });

  it('a trial without a value neither guides the search nor becomes the best', () => {
    const study = createStudy({ parameters: [{ name: 'x', low: 0, high: 9 }] });
    study.optimize(() => null, 3);
    study.tell(study.ask(), Number.NaN);
    expect(study.best).toBeNull();
    expect(study.trials.map(({ value }) => value)).toEqual([null, null, null, null]);
    study.tell(study.ask(), Number.POSITIVE_INFINITY);
    expect(study.best?.number).toBe(4);
  });

  it('a study keeps trials in the order of asking and prefers the first of equal trials', () => {
    const study = createStudy({ parameters: [{ name: 'x', low: 0, high: 9 }] });
    const [first, second] = [study.ask(), study.ask()];
    study.tell(second, 1);
    study.tell(first, 1);
    expect(study.trials.map(({ number }) => number)).toEqual([0, 1]);
    expect(study.best?.number).toBe(0);
  });

  it('a study throws for an empty range, a repeated name or an impossible seed', () => {
    const x = { name: 'x', low: 0, high: 9 };
    expect(() => createStudy({ parameters: [{ ...x, high: -1 }] })).toThrow(/"x" needs integers low ≤ high/);
    expect(() => createStudy({ parameters: [{ ...x, low: 0.5 }] })).toThrow(/needs integers/);
    expect(() => createStudy({ parameters: [x, x] })).toThrow(/declared twice/);
    expect(() => createStudy({ parameters: [x], seed: -1 })).toThrow(/seed is an integer/);
    const study = createStudy({ parameters: [x] });
    const trial = study.ask();
    study.tell(trial, 1);
    expect(() => study.tell(trial, 1)).toThrow(/Trial 0 is not under way/);
  });
});

describe('splitTrials', () => {
  const numbered = (objectives: readonly number[]) =>
    objectives.map((objective, index) => ({ index, objective }));

  it('the best tenth of the trials is rounded up, at most 25, and prefers the older of equals', () => {
    const { below, above } = splitTrials(numbered([3, 1, 2, 1, 5, 1, 4, 9, 9, 9, 9]), 'minimize');
    expect(below.map(({ index }) => index)).toEqual([1, 3]);
    expect(above.map(({ index }) => index)).toEqual([0, 2, 4, 5, 6, 7, 8, 9, 10]);
    expect(splitTrials(numbered(new Array<number>(400).fill(0)), 'maximize').below).toHaveLength(25);
  });

  it('the best tenth prefers the older of equals when maximising too', () => {
    const { below } = splitTrials(numbered([1, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0]), 'maximize');
    expect(below.map(({ index }) => index)).toEqual([1, 2]);
  });
});
