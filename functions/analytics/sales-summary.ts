import { roundDecimal } from '../../shared/forecast/rounding.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { SummaryGroup, SummaryQuestion } from './contract.ts';

/** The sales of a run that have something in common. */
export interface GroupSummary {
  readonly group: string;
  readonly revenue: number;
  readonly units: number;
  readonly events: number;
  readonly promo_share: number;
  readonly subgroup: string | null;
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

/** The statement that sums a run up, and its values; an index of `kafka_events` that begins with the run finds its rows. */
export function summaryStatement(
  runId: string,
  { by, then_by, product_id, before_id }: SummaryQuestion,
): { sql: string; values: (string | number)[] } {
  const season = [by, then_by].includes('season') ? 'JOIN calendar c ON c.date = e.date' : '';
  const conditions: [sql: string, value: string | number | undefined][] = [
    ['e.run_id = ?', runId],
    ['e.product_id = ?', product_id],
    ['e.id < ?', before_id],
  ];
  const asked = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  const sql = `
    SELECT ${COLUMNS[by]} AS label, ${then_by ? COLUMNS[then_by] : 'NULL'} AS sublabel,
           SUM(e.units_sold * e.price) AS revenue, SUM(e.units_sold) AS units,
           COUNT(*) AS events, SUM(e.is_holiday_promo) AS promotions
      FROM kafka_events e ${season}
     WHERE ${asked.map((condition) => condition.sql).join(' AND ')}
     GROUP BY label, sublabel
     ORDER BY label, sublabel`;
  return { sql, values: asked.map(({ value }) => value) };
}

interface SummaryRow extends Pick<GroupSummary, 'revenue' | 'units' | 'events'> {
  readonly label: string | number;
  readonly sublabel: string | number | null;
  readonly promotions: number;
}

/** Ascending by group and subgroup. */
export async function selectSalesSummary(
  pool: Pool,
  runId: string,
  question: SummaryQuestion,
): Promise<GroupSummary[]> {
  const { sql, values } = summaryStatement(runId, question);
  const rows = await select<SummaryRow>(pool, sql, values);
  return rows.map(({ label, sublabel, revenue, units, events, promotions }) => ({
    group: String(label),
    revenue,
    units,
    events,
    promo_share: roundDecimal(promotions / events, 4),
    subgroup: sublabel === null ? null : String(sublabel),
  }));
}
