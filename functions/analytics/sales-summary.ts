import { roundDecimal } from '../../shared/forecast/rounding.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { SummaryGroup } from './contract.ts';

/** The sales of a run that have something in common. */
export interface GroupSummary {
  readonly group: string;
  readonly revenue: number;
  readonly units: number;
  readonly events: number;
  readonly promo_share: number;
}

/** A closed table, because names of columns can't be parameters of a statement. Events carry no season; their date has one. */
const COLUMNS: Readonly<Record<SummaryGroup, string>> = {
  day: 'e.date',
  store: 'e.store_id',
  product: 'e.product_id',
  category: 'e.category',
  region: 'e.region',
  weather: 'e.weather',
  season: 'c.seasonality',
};

/** The statement that sums a run up; an index of `kafka_events` that begins with the run finds its rows. */
export function summaryStatement(by: SummaryGroup): string {
  const season = by === 'season' ? 'JOIN calendar c ON c.date = e.date' : '';
  return `
    SELECT ${COLUMNS[by]} AS label, SUM(e.units_sold * e.price) AS revenue, SUM(e.units_sold) AS units,
           COUNT(*) AS events, SUM(e.is_holiday_promo) AS promotions
      FROM kafka_events e ${season}
     WHERE e.run_id = ?
     GROUP BY label
     ORDER BY label`;
}

interface SummaryRow extends Omit<GroupSummary, 'group' | 'promo_share'> {
  readonly label: string;
  readonly promotions: number;
}

/** Ascending by group. */
export async function selectSalesSummary(
  pool: Pool,
  runId: string,
  by: SummaryGroup,
): Promise<GroupSummary[]> {
  const rows = await select<SummaryRow>(pool, summaryStatement(by), [runId]);
  return rows.map(({ label, revenue, units, events, promotions }) => ({
    group: label,
    revenue,
    units,
    events,
    promo_share: roundDecimal(promotions / events, 4),
  }));
}
