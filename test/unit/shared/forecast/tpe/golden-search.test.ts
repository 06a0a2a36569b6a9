import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createStudy, type Study } from '../../../../../shared/forecast/tpe/study.ts';

const DEMAND_PARAMETERS = [
  { name: 'window', low: 3, high: 30 },
  { name: 'min_periods', low: 1, high: 7 },
  { name: 'trend_window', low: 5, high: 21 },
] as const;

const ANALYTIC: Record<string, (w: number, m: number, t: number) => number> = {
  smooth: (w, m, t) =>
    Math.abs(w - 13) * 0.7 + Math.abs(m - 3) * 1.3 + Math.abs(t - 11) * 0.9 + (0.01 * w * t) / (m + 1),
  rugged: (w, m, t) =>
    3 * Math.sin(1.7 * w) + 2 * Math.cos(2.1 * m) + 2.5 * Math.sin(0.9 * t) + 0.02 * (w - 20) ** 2,
  flat: (w, m, t) => (w + m + t) % 5,
};

const analytic = golden('analytic.json', z.record(z.string(), z.array(z.array(z.number()))));
const movingAverage = golden(
  'moving-average.json',
  z.array(z.object({ series: z.array(z.number()), trials: z.array(z.array(z.number())) })),
);
const searches = golden(
  'searches.json',
  z.array(
    z.object({
      parameters: z.array(z.tuple([z.number(), z.number()])),
      direction: z.enum(['minimize', 'maximize']),
      seed: z.number(),
      trials: z.array(z.array(z.number().nullable())),
    }),
  ),
);

describe('the search takes the trials of Optuna 3.6.1', () => {
  it.each(Object.entries(analytic))(
    'the search takes Optuna’s trials on the analytic objective %s',
    (key, expected) => {
      const [name = '', direction = ''] = key.split('/');
      const objective = ANALYTIC[name];
      if (objective === undefined || direction !== 'minimize') throw new TypeError(`no objective ${key}`);
      const study = createStudy({ parameters: DEMAND_PARAMETERS, direction, seed: 42 });
      study.optimize(
        ({ window, min_periods, trend_window }) => objective(window, min_periods, trend_window),
        100,
      );
      expect(study.trials.map(({ params }) => Object.values(params))).toEqual(expected);
    },
  );

  it.each(movingAverage.map((golden, index) => [index, golden] as const))(
    'the search takes Optuna’s trials on recorded moving-average errors, series %i',
    (_, { trials }) => {
      const study = createStudy({ parameters: DEMAND_PARAMETERS });
      replay(study, trials);
    },
  );

  it.each(searches.map((search, index) => [index, search] as const))(
    'the search takes Optuna’s trials with other ranges, directions, seeds, ties and failures, search %i',
    (_, { parameters, direction, seed, trials }) => {
      const named = parameters.map(([low, high], index) => ({ name: `p${index}`, low, high }));
      const study = createStudy({ parameters: named, direction, seed });
      replay(study, trials);
    },
  );
});

/** Tells the study what each recorded trial gave and checks that it asks for the recorded values. */
function replay(study: Study, trials: readonly (readonly (number | null)[])[]): void {
  trials.forEach((row, index) => {
    const trial = study.ask();
    expect(Object.values(trial.params), `trial ${index}`).toEqual(row.slice(0, -1));
    study.tell(trial, row.at(-1) ?? null);
  });
}

function golden<T>(file: string, schema: z.ZodType<T>): T {
  const path = new URL(`../../../../golden/optuna/${file}`, import.meta.url);
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
