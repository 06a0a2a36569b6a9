import type { ForecastAnswer } from './answers.ts';

/** A forecast as a chart shows it: every list has an entry a day, null where a line isn't. */
export interface ForecastView {
  readonly dates: readonly string[];
  /** How many of the days are history. */
  readonly known: number;
  readonly sold: readonly (number | null)[];
  readonly path: readonly (number | null)[];
  readonly average: readonly (number | null)[];
  /** The widest first. */
  readonly bands: readonly {
    readonly level: number;
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
  }[];
}

/** @param average Units a day that the moving average forecasts. */
export function forecastView(
  { history, forecast }: Pick<ForecastAnswer, 'history' | 'forecast'>,
  average: number,
): ForecastView {
  const last = history.at(-1)?.units_sold ?? null;
  // What is forecast begins where history ends, so that the lines meet.
  const before: (number | null)[] = history.slice(1).map(() => null);
  const joined = (values: readonly number[]) => [...before, ...(history.length > 0 ? [last] : []), ...values];
  const levels = forecast[0]?.intervals.map(({ level }) => level) ?? [];
  const bands = levels.map((level) => {
    const ofLevel = forecast.flatMap(({ intervals }) => intervals.filter((each) => each.level === level));
    return {
      level,
      lower: joined(ofLevel.map(({ lower }) => lower)),
      upper: joined(ofLevel.map(({ upper }) => upper)),
    };
  });
  return {
    dates: [...history, ...forecast].map(({ date }) => date),
    known: history.length,
    sold: [...history.map(({ units_sold }) => units_sold), ...forecast.map(() => null)],
    path: joined(forecast.map(({ forecast_units }) => forecast_units)),
    average: [...history.map(() => null), ...forecast.map(() => average)],
    bands: bands.sort((one, other) => other.level - one.level),
  };
}

const MODEL_NAMES: Readonly<Record<string, string>> = {
  seasonal_naive: 'Seasonal naive',
  moving_average: 'Moving average',
  tsb: 'TSB',
  theta: 'Theta',
  holt_winters: 'Holt–Winters',
  combination: 'Combination',
};

/** A model's name for people. */
export function modelName(model: string): string {
  return MODEL_NAMES[model] ?? model;
}
