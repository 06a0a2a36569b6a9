import type { SummaryGroup, SummaryQuestion } from '../../shared/api/sales-summary.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { SOLD_OUT } from './insights.ts';

/** The sales of one group of a run. */
export interface GroupSummary {
  /** Null for sales that have no such label. */
  readonly group: string | null;
  readonly revenue: number;
  readonly net_revenue: number;
  /** Null where the data set has no discounts. */
  readonly discount_given: number | null;
  readonly units: number;
  readonly events: number;
  /** Null where the data set marks no promotions. */
  readonly promo_share: number | null;
  /** These three are null where the data set can't say. */
  readonly row_promo_share: number | null;
  readonly stock_outs: number | null;
  readonly lost_units: number | null;
  readonly subgroup: string | null;
}

/**
 * Summarises the sales of a run, ascending by group and subgroup. Returns the same groups until another sale is stored.
 *
 * @param accepted How many sales the run's accepted days have, if that is known.
 */
type SalesSummary = (
  runId: string,
  question: SummaryQuestion,
  accepted?: number,
) => Promise<readonly GroupSummary[]>;

/** A cached summary of the events up to an id. */
interface Known {
  readonly upTo: number;
  readonly groups: readonly GroupTotals[];
  /** Whether slices may follow that were not summed yet. */
  readonly isBegun: boolean;
}

const NOTHING: Known = { upTo: 0, groups: [], isBegun: false };

/**
 * Events summed by one query where all of them are too much for one. The slices are kept, so a request that is given up leaves the next
 * one less to read.
 */
const SLICE_EVENTS = 250_000;

/** A run of more events than this is summed in slices from the beginning: one query takes about 4 s for a million. */
const WHOLE_RUN_EVENTS = 1_000_000;

/**
 * About 20 MB: a group that was answered is kept three times, as sums, as the answer and within its JSON. Days within products are 15,000
 * groups.
 */
const KEPT_GROUPS = 33_000;

/**
 * Summarises the sales of a run, reading each event once per question: stored events don't change and their ids become
 * visible in order, so only events after the last id seen are new; without one nothing is summed, unless the question has matched no
 * event so far. A question with `before_id` reuses the summary of the same question without it as long as that doesn't reach beyond the id.
 *
 * @returns A function that throws what reading `sales` throws; nothing of a failed reading is kept.
 */
export function salesSummary(sales: RunSales): SalesSummary {
  const answered = boundedCache<Known>(KEPT_GROUPS);
  const summaries = new WeakMap<readonly GroupTotals[], readonly GroupSummary[]>();
  /** First readings under way, by question: a request that is repeated waits for the one before. */
  const beginning = new Map<string, Promise<Known>>();

  function keep(key: string, known: Known): void {
    const { upTo, isBegun } = answered.get(key) ?? NOTHING;
    // Another request may have stored a later summary meanwhile.
    if (upTo < known.upTo || (upTo === known.upTo && isBegun))
      answered.set(key, known, Math.max(1, known.groups.length));
  }

  /** Sums whole slices from what is known of the run, up to the last one, or to an id. */
  async function sumSlices(runId: string, question: SummaryQuestion): Promise<Known> {
    const { before_id = Number.POSITIVE_INFINITY } = question;
    const key = keyOf(runId, question, undefined);
    let known = answered.get(key) ?? NOTHING;
    for (;;) {
      const end = await sales.endOfSlice(runId, known.upTo, SLICE_EVENTS);
      if (end === null || end >= before_id) return { ...known, isBegun: true };
      const added = await sales.totals(runId, { ...question, before_id: end + 1 }, known.upTo);
      known = { upTo: end, groups: addGroups(known.groups, added), isBegun: true };
      keep(key, known);
    }
  }

  /** Sums a run of which nothing is known: by one query, or by slices if that takes too long. */
  async function sumAll(runId: string, question: SummaryQuestion): Promise<Known> {
    try {
      const groups = await sales.totals(runId, question, 0);
      return { upTo: lastOf(groups), groups, isBegun: false };
    } catch (error) {
      // A day is small, whatever the run is, and so are a few.
      if (question.day !== undefined) throw error;
      return sumSlices(runId, question);
    }
  }

  function begin(runId: string, question: SummaryQuestion, inSlices: boolean): Promise<Known> {
    const key = keyOf(runId, question, question.before_id);
    const started = (inSlices ? sumSlices : sumAll)(runId, question).finally(() => beginning.delete(key));
    beginning.set(key, started);
    return started;
  }

  /** What is known of the run by now, and whether it is all that was stored when the question came. */
  async function upToNow(
    runId: string,
    question: SummaryQuestion,
    accepted: number,
  ): Promise<[known: Known, isAll: boolean]> {
    const { before_id = Number.POSITIVE_INFINITY } = question;
    const keys = [keyOf(runId, question, undefined), keyOf(runId, question, question.before_id)];
    const known = furthest(
      keys.flatMap((key) => answered.get(key) ?? []).filter(({ upTo }) => upTo < before_id),
    );
    if (known.upTo > 0 && !known.isBegun) return [known, false];
    const underWay = beginning.get(keyOf(runId, question, question.before_id));
    if (underWay) return [await underWay, false];
    const isLong = accepted > WHOLE_RUN_EVENTS && question.day === undefined;
    const summed = await begin(runId, question, known.isBegun || isLong);
    return [summed, !summed.isBegun];
  }

  return async (runId, question, accepted = 0) => {
    const { before_id = Number.POSITIVE_INFINITY } = question;
    const [known, isAll] = await upToNow(runId, question, accepted);
    const newest = isAll ? 0 : Math.min(await sales.newest(runId), before_id - 1);
    const added = newest > known.upTo ? await sales.totals(runId, question, known.upTo) : [];
    const groups = addGroups(known.groups, added);
    const upTo = Math.max(known.upTo, newest, lastOf(added));
    for (const key of [keyOf(runId, question, undefined), keyOf(runId, question, question.before_id)]) {
      keep(key, { upTo, groups, isBegun: false });
    }
    const summarized = summaries.get(groups) ?? groups.map(toSummary);
    summaries.set(groups, summarized);
    return summarized;
  };
}

/** The greatest id in the groups; 0 if there are none. */
function lastOf(groups: readonly GroupTotals[]): number {
  return Math.max(0, ...groups.map(({ last_id }) => last_id));
}

function keyOf(
  runId: string,
  { by, then_by, product_id, day, days }: SummaryQuestion,
  beforeId?: number,
): string {
  return JSON.stringify([runId, by, then_by, product_id, day, days, beforeId]);
}

function furthest(known: readonly Known[]): Known {
  return known.reduce((best, each) => (each.upTo > best.upTo ? each : best), NOTHING);
}

/** Merges two ascending lists of groups. */
function addGroups(known: readonly GroupTotals[], added: readonly GroupTotals[]): readonly GroupTotals[] {
  if (known.length === 0) return added;
  if (added.length === 0) return known;
  const sums = new Map(known.map((group) => [nameOf(group), group]));
  for (const group of added) {
    const before = sums.get(nameOf(group));
    sums.set(nameOf(group), before ? sumOf(before, group) : group);
  }
  return [...sums.values()].sort(
    (a, b) => compare(a.label ?? '', b.label ?? '') || compare(a.sublabel ?? '', b.sublabel ?? ''),
  );
}

function nameOf({ label, sublabel }: GroupTotals): string {
  return JSON.stringify([label, sublabel]);
}

function sumOf(a: GroupTotals, b: GroupTotals): GroupTotals {
  return {
    ...a,
    revenue_cents: a.revenue_cents + b.revenue_cents,
    net_cents: a.net_cents + b.net_cents,
    units: a.units + b.units,
    events: a.events + b.events,
    promotions: sumOfKnown(a.promotions, b.promotions),
    discounts_known: a.discounts_known + b.discounts_known,
    rows_known: a.rows_known + b.rows_known,
    row_promotions: sumOfKnown(a.row_promotions, b.row_promotions),
    stock_outs: sumOfKnown(a.stock_outs, b.stock_outs),
    lost_units: sumOfKnown(a.lost_units, b.lost_units),
    last_id: Math.max(a.last_id, b.last_id),
  };
}

/** As `SUM` adds: without the nulls, and null if nothing else is there. */
function sumOfKnown(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : a + b;
}

/** Compares as the database orders the columns: numbers by value, texts by their characters. */
function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}

function toSummary({
  label,
  sublabel,
  promotions,
  discounts_known,
  rows_known,
  row_promotions,
  ...totals
}: GroupTotals): GroupSummary {
  const { revenue_cents, net_cents, units, events, stock_outs, lost_units } = totals;
  return {
    group: label === null ? null : String(label),
    revenue: revenue_cents / 100,
    net_revenue: net_cents / 100,
    discount_given: discounts_known === 0 ? null : (revenue_cents - net_cents) / 100,
    units,
    events,
    promo_share: promotions === null ? null : roundDecimal(promotions / events, 4),
    row_promo_share: row_promotions === null ? null : roundDecimal(row_promotions / rows_known, 4),
    stock_outs,
    lost_units: lost_units === null ? null : roundDecimal(lost_units, 1),
    subgroup: sublabel === null ? null : String(sublabel),
  };
}

/** The sums of one group of a run's sales. */
export interface GroupTotals {
  readonly label: string | number | null;
  readonly sublabel: string | number | null;
  /** At list price. Whole cents, so that sums are exact. */
  readonly revenue_cents: number;
  /** What customers paid, rounded to whole cents for each sale. */
  readonly net_cents: number;
  readonly units: number;
  readonly events: number;
  /** Null if no sale says whether its date was promoted. */
  readonly promotions: number | null;
  /** Sales whose discount is known. */
  readonly discounts_known: number;
  /** Sales whose row of the data set says whether it was promoted, and how many of them were. */
  readonly rows_known: number;
  readonly row_promotions: number | null;
  /** Sales that took all of the stock; null if no row has the stock. */
  readonly stock_outs: number | null;
  readonly lost_units: number | null;
  /** The greatest id among them. */
  readonly last_id: number;
}

/** The stored sales of runs. */
export interface RunSales {
  /** Sums the sales after an id that match the question, ascending by label and sublabel. */
  totals(runId: string, question: SummaryQuestion, after: number): Promise<GroupTotals[]>;
  /** The greatest id of a run's sales; 0 if there are none. Much cheaper than totals that find nothing. */
  newest(runId: string): Promise<number>;
  /** The id of the last sale of a slice after an id. @param events Sales in the slice. @returns null if fewer follow. */
  endOfSlice(runId: string, after: number, events: number): Promise<number | null>;
}

/** A closed table, because column names can't be parameters of a statement. Events have no season; their date has. */
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

/**
 * Units that a sold-out sale could have sold beyond its stock, estimated by the mean of the same weekday in the four weeks
 * before, without the days that were sold out themselves; 0 if there is none. Evaluated for sold-out sales alone. Each of the
 * four is one look-up by the primary key: for a list of dates servers search all rows if a data set has few products.
 */
const LOST_UNITS = `
  GREATEST(0, COALESCE((
    SELECT STRAIGHT_JOIN AVG(p.units_sold)
      FROM (SELECT 7 AS days UNION ALL SELECT 14 UNION ALL SELECT 21 UNION ALL SELECT 28) w
      JOIN sales_facts p ON p.date = e.date - INTERVAL w.days DAY AND p.store_id = e.store_id AND p.product_id = e.product_id
     WHERE NOT ${SOLD_OUT('p')}
  ), 0) - e.units_sold)`;

/**
 * The sale's row of the data set, which knows stock and promotion. A row that another data set has put in its place says
 * nothing about the sale, so units and price must agree.
 */
const ROW = `
  LEFT JOIN sales_facts f ON f.date = e.date AND f.store_id = e.store_id AND f.product_id = e.product_id
        AND f.units_sold = e.units_sold AND f.price = e.price`;

/** The statement that sums a run's sales, and its values; an index of `kafka_events` that begins with the run serves it. */
export function totalsStatement(
  runId: string,
  { by, then_by, product_id, before_id, day, days = 1 }: SummaryQuestion,
  after: number,
): { sql: string; values: (string | number)[] } {
  const season = [by, then_by].includes('season') ? 'JOIN calendar c ON c.date = e.date' : '';
  const conditions: [sql: string, value: string | number | undefined][] = [
    ['e.run_id = ?', runId],
    ['e.id > ?', after],
    ['e.product_id = ?', product_id],
    // SQL's comparison ignores trailing spaces, but ids must match exactly.
    ['LENGTH(e.product_id) = LENGTH(?)', product_id],
    ['e.id < ?', before_id],
    ['e.day_index = ?', day === undefined || days > 1 ? undefined : day - 1],
    ['e.day_index < ?', day === undefined || days === 1 ? undefined : day],
    ['e.day_index >= ?', day === undefined || days === 1 ? undefined : day - days],
  ];
  const asked = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  const sql = `
    SELECT ${COLUMNS[by]} AS label, ${then_by ? COLUMNS[then_by] : 'NULL'} AS sublabel,
           SUM(e.units_sold * e.price) * 100 AS revenue_cents,
           SUM(ROUND(e.units_sold * e.price * (100 - COALESCE(e.discount, 0)))) AS net_cents, SUM(e.units_sold) AS units,
           COUNT(*) AS events, SUM(e.is_holiday_promo) AS promotions, COUNT(e.discount) AS discounts_known,
           COUNT(f.is_holiday_promo) AS rows_known, SUM(f.is_holiday_promo) AS row_promotions,
           SUM(${SOLD_OUT('f')}) AS stock_outs,
           SUM(CASE WHEN ${SOLD_OUT('f')} THEN ${LOST_UNITS} WHEN f.inventory_level IS NOT NULL THEN 0 END) AS lost_units,
           MAX(e.id) AS last_id
      FROM kafka_events e ${ROW} ${season}
     WHERE ${asked.map((condition) => condition.sql).join(' AND ')}
     GROUP BY label, sublabel
     ORDER BY label, sublabel`;
  return { sql, values: asked.map(({ value }) => value) };
}

/** Served by `run_position`, which has nothing but the run and the id. */
const END_OF_SLICE = `
  SELECT id FROM kafka_events FORCE INDEX (run_position) WHERE run_id = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?`;

/** Reads one entry of `run_position`, the last one of the run. */
export const NEWEST_SALE = `
  SELECT id FROM kafka_events FORCE INDEX (run_position) WHERE run_id = ? ORDER BY id DESC LIMIT 1`;

/** Reads from `kafka_events`. */
export function storedRunSales(pool: Pool): RunSales {
  return {
    async newest(runId) {
      const [row] = await select<{ id: number }>(pool, NEWEST_SALE, [runId]);
      return row?.id ?? 0;
    },
    async endOfSlice(runId, after, events) {
      const [row] = await select<{ id: number }>(pool, END_OF_SLICE, [runId, after, events - 1]);
      return row?.id ?? null;
    },
    totals(runId, question, after) {
      const { sql, values } = totalsStatement(runId, question, after);
      return select<GroupTotals>(pool, sql, values);
    },
  };
}
