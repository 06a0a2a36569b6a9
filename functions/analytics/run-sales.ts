import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { SummaryGroup, SummaryQuestion } from './contract.ts';

/** The sums of the sales of a run that have something in common. */
export interface GroupTotals {
  readonly label: string | number;
  readonly sublabel: string | number | null;
  /** Whole, so that sums are exact. */
  readonly revenue_cents: number;
  readonly units: number;
  readonly events: number;
  readonly promotions: number;
}

/** The sales of a run, where they are stored. Ranges of ids are after the first and up to the second. */
export interface RunSales {
  /** The greatest id, 0 for none. */
  head(runId: string): Promise<number>;
  /** Ascending by label and sublabel. */
  totals(runId: string, question: SummaryQuestion, after: number, upTo: number): Promise<GroupTotals[]>;
}

/** Values: run id. One row, told by the end of the index `run_position`. */
export const RUN_HEAD = 'SELECT COALESCE(MAX(id), 0) AS head FROM kafka_events WHERE run_id = ?';

/** A closed table, because names of columns can't be parameters of a statement. Events carry no season; their date has one. */
const COLUMNS: Readonly<Record<SummaryGroup, string>> = {
  day: 'e.date',
  day_index: 'e.day_index',
  store: 'e.store_id',
  product: 'e.product_id',
  category: 'e.category',
  region: 'e.region',
  weather: 'e.weather',
  season: 'c.seasonality',
};

/** The statement that sums sales of a run up, and its values; an index of `kafka_events` that begins with the run finds its rows. */
export function totalsStatement(
  runId: string,
  { by, then_by, product_id }: SummaryQuestion,
  after: number,
  upTo: number,
): { sql: string; values: (string | number)[] } {
  const season = [by, then_by].includes('season') ? 'JOIN calendar c ON c.date = e.date' : '';
  const product = product_id === undefined ? '' : 'AND e.product_id = ?';
  const sql = `
    SELECT ${COLUMNS[by]} AS label, ${then_by ? COLUMNS[then_by] : 'NULL'} AS sublabel,
           SUM(e.units_sold * e.price) * 100 AS revenue_cents, SUM(e.units_sold) AS units,
           COUNT(*) AS events, SUM(e.is_holiday_promo) AS promotions
      FROM kafka_events e ${season}
     WHERE e.run_id = ? AND e.id > ? AND e.id <= ? ${product}
     GROUP BY label, sublabel
     ORDER BY label, sublabel`;
  return { sql, values: [runId, after, upTo, ...(product_id === undefined ? [] : [product_id])] };
}

/** Reads from `kafka_events`. */
export function storedRunSales(pool: Pool): RunSales {
  return {
    async head(runId) {
      const [row] = await select<{ head: number }>(pool, RUN_HEAD, [runId]);
      if (!row) throw new Error('An aggregate without groups has one row.');
      return row.head;
    },
    totals(runId, question, after, upTo) {
      const { sql, values } = totalsStatement(runId, question, after, upTo);
      return select<GroupTotals>(pool, sql, values);
    },
  };
}
