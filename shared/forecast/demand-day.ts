/** One day of a product's sales in a store. */
export interface DemandDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly units_sold: number;
}

/** One step of a flat forecast. */
export interface ForwardDay {
  /** 1 for the day after the last known one. */
  readonly day: number;
  readonly forecast_units: number;
}

const FORWARD_DAYS = 7;
const SHOWN_ACTUALS = 5;

/** The same forecast for each of the next seven days. */
export function flatWeek(units: number): ForwardDay[] {
  return Array.from({ length: FORWARD_DAYS }, (_, index) => ({ day: index + 1, forecast_units: units }));
}

/** The last five days as they were. */
export function lastActuals(history: readonly DemandDay[]): DemandDay[] {
  return history.slice(-SHOWN_ACTUALS).map(({ date, units_sold }) => ({ date, units_sold }));
}
