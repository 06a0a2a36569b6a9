import { type Insight, OPTIONAL_COLUMNS, type OptionalColumn } from '../../shared/api/insights.ts';
import { operations } from '../../shared/api/operations.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import { type DataSet, dataSetReader } from '../../shared/history/product-history.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** SQL: whether a row of `sales_facts`, named by its alias, sold all of its stock; null if the data set has no stock. */
export const SOLD_OUT = (row: string) => `${row}.units_sold >= ${row}.inventory_level`;

/** A row of the data set that needs attention; `size` orders the rows of a kind, the greatest first. */
interface Finding {
  readonly store_id: string;
  readonly product_id: string;
  readonly units: number;
  /** What the weekday usually sells: that of the day, or for its cover the mean of the days ahead. Null if unknown. */
  readonly usual: number | null;
  readonly left: number | null;
  readonly net_price: number;
  readonly competitor: number;
}

/** Net revenue of a day and of the same weekday in the weeks before. */
export interface DayRevenue {
  readonly date: string;
  readonly net_cents: number;
}

/** The rows of a day that need attention, by kind, and what the day and the same weekdays before sold. */
export interface DayFindings {
  readonly stockOuts: readonly Finding[];
  readonly lowCover: readonly Finding[];
  readonly undercut: readonly Finding[];
  readonly revenue: readonly DayRevenue[];
}

/** A day whose net revenue is further than this off the usual is an anomaly. */
const UNUSUAL = 0.25;
/** Weeks whose same weekday is the usual. */
const WEEKS = 4;

/** Whose insights are asked for. */
interface InsightDay {
  /** Number of the day in the data set, for the links. */
  readonly day: number;
  readonly date: string;
  /** Days that the stock should last. Default: 1. */
  readonly ahead?: number;
}

/**
 * What needs attention on a day, the most severe first: sold-out rows by the units lost, rows whose stock won't last the next
 * day by their cover, an unusual day, rows that a competitor undercuts by how much, then rows whose stock won't last the days
 * ahead.
 */
export function insightsOfDay(findings: DayFindings, { day, date, ahead = 1 }: InsightDay): Insight[] {
  const lowCover = findings.lowCover.map((row) => ({ row, cover: (row.left ?? 0) / (row.usual ?? 0) }));
  const link = (tab: string, { store_id, product_id }: Pick<Finding, 'store_id' | 'product_id'>) =>
    `${operations.readLivePage.path}?${new URLSearchParams({ day: String(day), tab, store_id, product_id })}`;
  const pair = ({ store_id, product_id }: Finding) => ({ store_id, product_id });
  const lowCoverInsight = (
    { row, cover }: (typeof lowCover)[number],
    severity: Insight['severity'],
  ): Insight => {
    const sells = roundDecimal((row.usual ?? 0) * ahead, 0);
    const next = ahead === 1 ? 'the next day usually sells' : `the next ${ahead} days usually sell`;
    return {
      kind: 'low_cover',
      severity,
      ...pair(row),
      value: roundDecimal(cover, 1),
      unit: 'days',
      reason: `${row.left} units are left; ${next} ${sells}.`,
      link: link('replenishment', row),
    };
  };
  return [
    ...findings.stockOuts.map((row): Insight => {
      const lost = roundDecimal(Math.max(0, (row.usual ?? 0) - row.units), 1);
      const missed = lost > 0 ? `, about ${lost} lost` : '';
      return {
        kind: 'stock_out',
        severity: 'high',
        ...pair(row),
        value: lost,
        unit: 'units',
        reason: `Sold out at ${row.units} units${missed}.`,
        link: link('replenishment', row),
      };
    }),
    ...lowCover.filter(({ cover }) => cover < 1).map((each) => lowCoverInsight(each, 'medium')),
    ...anomaly(findings.revenue, { day, date }),
    ...findings.undercut.map((row): Insight => {
      const percent = roundDecimal((1 - row.competitor / row.net_price) * 100, 1);
      return {
        kind: 'undercut',
        severity: 'low',
        ...pair(row),
        value: percent,
        unit: 'percent',
        reason: `A competitor asks ${row.competitor.toFixed(2)}, ${percent} % below our net ${row.net_price.toFixed(2)}.`,
        link: link('price', row),
      };
    }),
    ...lowCover.filter(({ cover }) => cover >= 1).map((each) => lowCoverInsight(each, 'low')),
  ];
}

/** The insight that the whole day is unusual, if it is and all of the weeks before are known. */
function anomaly(revenue: readonly DayRevenue[], { day, date }: { day: number; date: string }): Insight[] {
  const today = revenue.find((each) => each.date === date);
  const before = revenue.filter((each) => each.date !== date);
  if (!today || before.length < WEEKS) return [];
  const usual = before.reduce((sum, { net_cents }) => sum + net_cents, 0) / before.length;
  const off = today.net_cents / usual - 1;
  if (usual === 0 || Math.abs(off) <= UNUSUAL) return [];
  const weekday = new Date(`${date}T00:00:00Z`).toLocaleDateString('en', {
    weekday: 'long',
    timeZone: 'UTC',
  });
  const percent = roundDecimal(Math.abs(off) * 100, 1);
  return [
    {
      kind: 'anomaly',
      severity: 'medium',
      store_id: null,
      product_id: null,
      value: roundDecimal(off * 100, 1),
      unit: 'percent',
      reason: `Net revenue is ${percent} % ${off > 0 ? 'above' : 'below'} the last ${WEEKS} ${weekday}s.`,
      link: `${operations.readLivePage.path}?day=${day}`,
    },
  ];
}

const NET_PRICE = 'ROUND(f.price * (100 - COALESCE(f.discount, 0))) / 100';

/**
 * The rows of a day as {@link Finding}s, with what the store usually sells of the product: the mean over some dates, without
 * days that were sold out, for they tell less than was wanted. Values: those dates, the date.
 */
const FINDINGS = `
  SELECT f.store_id, f.product_id, f.units_sold AS units, f.inventory_level - f.units_sold AS \`left\`,
         ${NET_PRICE} AS net_price, f.competitor_pricing AS competitor, u.\`usual\`
    FROM sales_facts f
    LEFT JOIN (
      SELECT p.store_id, p.product_id, AVG(p.units_sold) AS \`usual\`
        FROM sales_facts p
       WHERE p.date IN (?) AND NOT COALESCE(${SOLD_OUT('p')}, FALSE)
       GROUP BY p.store_id, p.product_id) u ON u.store_id = f.store_id AND u.product_id = f.product_id
   WHERE f.date = ?`;

/**
 * Further value: the limit. Both read ranges of the clustered index. Columns that the data set lacks are null, and match
 * nothing.
 */
export const STOCK_OUTS = `
  ${FINDINGS} AND ${SOLD_OUT('f')}
   ORDER BY COALESCE(u.\`usual\`, 0) - f.units_sold DESC, f.store_id, f.product_id
   LIMIT ?`;

/** Further values: the days ahead, whose weekdays are usual, and the limit. */
export const LOW_COVER = `
  ${FINDINGS} AND f.inventory_level > f.units_sold AND f.inventory_level - f.units_sold < u.\`usual\` * ?
   ORDER BY (f.inventory_level - f.units_sold) / u.\`usual\`, f.store_id, f.product_id
   LIMIT ?`;

/** Values: the date, the limit. */
export const UNDERCUT = `
  SELECT f.store_id, f.product_id, f.units_sold AS units, NULL AS \`usual\`, NULL AS \`left\`,
         ${NET_PRICE} AS net_price, f.competitor_pricing AS competitor
    FROM sales_facts f
   WHERE f.date = ? AND f.competitor_pricing > 0 AND f.competitor_pricing < ${NET_PRICE}
   ORDER BY f.competitor_pricing / (${NET_PRICE}), f.store_id, f.product_id
   LIMIT ?`;

/** Value: dates. */
const REVENUE = `
  SELECT f.date, SUM(ROUND(f.units_sold * f.price * (100 - COALESCE(f.discount, 0)))) AS net_cents
    FROM sales_facts f
   WHERE f.date IN (?)
   GROUP BY f.date`;

const NEWEST_MISSING_COLUMNS = 'SELECT missing_columns FROM datasets ORDER BY id DESC LIMIT 1';

const HAS_VALUES = OPTIONAL_COLUMNS.map(
  (column) => `EXISTS (SELECT 1 FROM sales_facts s WHERE s.${column} IS NOT NULL) AS ${column}`,
).join(', ');

/** For data sets that were loaded before the load kept it. Reads all sales only if a column is missing. */
const COLUMNS_WITH_VALUES = `SELECT ${HAS_VALUES}`;

async function selectMissingColumns(pool: Pool): Promise<OptionalColumn[]> {
  const [newest] = await select<{ missing_columns: string | null }>(pool, NEWEST_MISSING_COLUMNS);
  const kept = newest?.missing_columns?.split(',');
  if (kept) return OPTIONAL_COLUMNS.filter((column) => kept.includes(column));
  const [found] = await select<Record<OptionalColumn, number>>(pool, COLUMNS_WITH_VALUES);
  return OPTIONAL_COLUMNS.filter((column) => Number(found?.[column]) === 0);
}

const DAY_MS = 86_400_000;

/**
 * Reads what needs attention on a date, at most `limit` rows of each kind.
 *
 * @param ahead Days that the stock should last. With 0, only what stays true of a past day is read: stock-outs and the revenue.
 */
async function selectFindings(pool: Pool, date: string, limit: number, ahead: number): Promise<DayFindings> {
  const before = (days: number) => new Date(Date.parse(date) - days * DAY_MS).toISOString().slice(0, 10);
  const weeks = Array.from({ length: WEEKS }, (_, week) => (week + 1) * 7);
  const sameWeekdays = weeks.map(before);
  const nextWeekdays = weeks.flatMap((days) =>
    Array.from({ length: ahead }, (_, next) => before(days - 1 - next)),
  );
  const [stockOuts, lowCover, undercut, revenue] = await Promise.all([
    select<Finding>(pool, STOCK_OUTS, [sameWeekdays, date, limit]),
    ahead === 0 ? [] : select<Finding>(pool, LOW_COVER, [nextWeekdays, date, ahead, limit]),
    ahead === 0 ? [] : select<Finding>(pool, UNDERCUT, [date, limit]),
    select<DayRevenue>(pool, REVENUE, [[...sameWeekdays, date]]),
  ]);
  return { stockOuts, lowCover, undercut, revenue };
}

/**
 * What the route reads.
 *
 * @param now milliseconds of a monotonic clock
 */
export function insightSources(pool: Pool, now: () => number) {
  const dataSets = dataSetReader(pool, now);
  return {
    dataSet(how?: 'fresh'): Promise<DataSet | null> {
      if (how === 'fresh') dataSets.forget();
      return dataSets.current();
    },
    findings: (date: string, limit: number, ahead = 1) => selectFindings(pool, date, limit, ahead),
    missingColumns: () => selectMissingColumns(pool),
  };
}
