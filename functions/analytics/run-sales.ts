import type { SummaryGroup, SummaryQuestion } from '../../shared/api/analytics.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** The sums of the sales of a run that have something in common. */
export interface GroupTotals {
  readonly label: string | number;
  readonly sublabel: string | number | null;
  /** Whole, so that sums are exact. */
  readonly revenue_cents: number;
  readonly units: number;
  readonly events: number;
  readonly promotions: number;
  /** The greatest id among them. */
  readonly last_id: number;
}

/** The sales of a run, where they are stored. */
export interface RunSales {
  /** Of the sales behind an id that the question asks for, ascending by label and sublabel. */
  totals(runId: string, question: SummaryQuestion, after: number): Promise<GroupTotals[]>;
}

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
  { by, then_by, product_id, before_id }: SummaryQuestion,
  after: number,
): { sql: string; values: (string | number)[] } {
  const season = [by, then_by].includes('season') ? 'JOIN calendar c ON c.date = e.date' : '';
  const conditions: [sql: string, value: string | number | undefined][] = [
    ['e.run_id = ?', runId],
    ['e.id > ?', after],
    ['e.product_id = ?', product_id],
    // The comparison ignores spaces at the end of an id, and ids match as given.
    ['LENGTH(e.product_id) = LENGTH(?)', product_id],
    ['e.id < ?', before_id],
  ];
  const asked = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  const sql = `
    SELECT ${COLUMNS[by]} AS label, ${then_by ? COLUMNS[then_by] : 'NULL'} AS sublabel,
           SUM(e.units_sold * e.price) * 100 AS revenue_cents, SUM(e.units_sold) AS units,
           COUNT(*) AS events, SUM(e.is_holiday_promo) AS promotions, MAX(e.id) AS last_id
      FROM kafka_events e ${season}
     WHERE ${asked.map((condition) => condition.sql).join(' AND ')}
     GROUP BY label, sublabel
     ORDER BY label, sublabel`;
  return { sql, values: asked.map(({ value }) => value) };
}

/** Reads from `kafka_events`. */
export function storedRunSales(pool: Pool): RunSales {
  return {
    totals(runId, question, after) {
      const { sql, values } = totalsStatement(runId, question, after);
      return select<GroupTotals>(pool, sql, values);
    },
  };
}
