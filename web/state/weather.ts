/** What a day of the run sold, and its weather. */
export interface WeatherDay {
  readonly dayIndex: number;
  readonly date: string;
  readonly weather: string;
  readonly isPromoted: boolean;
  readonly units: number;
}

/** Days of one weather, with or without promotion. */
export interface WeatherCell {
  readonly weather: string;
  readonly isPromoted: boolean;
  /** How far they are off what their weekdays usually sell, 0.1 is a tenth more. */
  readonly vsUsual: number;
  /** How many days that is the mean of. */
  readonly days: number;
}

const WEEK_MS = 7 * 86_400_000;
/** Weeks before a day whose same weekday is the usual, and the least of them. */
const WEEKS = 4;
const LEAST_WEEKS = 2;

/** A mean of fewer days says more about these days than about the weather. */
export const FEW_DAYS = 10;

/**
 * What days of each weather sold against their usual: the mean of the same weekday in the four weeks before, so that neither weekdays
 * nor seasons are mixed. Days with promotion have a cell of their own.
 */
export function weatherCells(days: readonly WeatherDay[]): WeatherCell[] {
  const units = new Map<number, number>();
  for (const { date, units: sold } of days) {
    const time = Date.parse(date);
    units.set(time, (units.get(time) ?? 0) + sold);
  }
  const known = days.flatMap((day) => {
    const usual = usualOf(units, Date.parse(day.date));
    return usual === null ? [] : [{ ...day, usual }];
  });
  return [...Map.groupBy(known, ({ weather, isPromoted }) => `${isPromoted} ${weather}`).values()].flatMap(
    (group) => {
      const [first] = group;
      if (!first) return [];
      const sold = group.reduce((sum, day) => sum + day.units, 0);
      const usual = group.reduce((sum, day) => sum + day.usual, 0);
      const { weather, isPromoted } = first;
      return [{ weather, isPromoted, vsUsual: sold / usual - 1, days: group.length }];
    },
  );
}

/** The mean units of the same weekdays; null if it is unknown or zero. */
function usualOf(units: ReadonlyMap<number, number>, time: number): number | null {
  const before = Array.from(
    { length: WEEKS },
    (_, week) => units.get(time - (week + 1) * WEEK_MS) ?? [],
  ).flat();
  if (before.length < LEAST_WEEKS) return null;
  return before.reduce((sum, each) => sum + each, 0) / before.length || null;
}
