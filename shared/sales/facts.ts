import type { SaleEvent } from '../api/sale.ts';
import { type Pool, select } from '../mysql/connection.ts';
import { saleEventId } from './event-id.ts';

/** A sale of the data set, with the calendar's promotion flag and weather, as existing clients expect them. */
export type SaleFact = Omit<SaleEvent, 'event_id' | 'run_id' | 'day_index' | 'day_total'>;

const SALES_OF_DATES = `
  SELECT f.date, f.store_id, f.product_id, f.units_sold, f.price, f.discount, f.category, f.region,
         c.is_holiday_promo, c.weather_condition AS weather
  FROM sales_facts f JOIN calendar c ON c.date = f.date
  WHERE f.date IN (?)
  ORDER BY f.date, f.store_id, f.product_id`;

/** The sales of some dates, by date, store and product: one range of the clustered index per date. */
export async function salesOfDates(pool: Pool, dates: readonly string[]): Promise<SaleFact[]> {
  return dates.length === 0 ? [] : select<SaleFact>(pool, SALES_OF_DATES, [dates]);
}

/** The events of one day of a run. */
export function eventsOfDay(runId: string, dayIndex: number, facts: readonly SaleFact[]): SaleEvent[] {
  return facts.map((fact) => ({
    event_id: saleEventId({ run_id: runId, ...fact }),
    run_id: runId,
    day_index: dayIndex,
    ...fact,
    day_total: facts.length,
  }));
}
