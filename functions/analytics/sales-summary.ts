import type { SummaryQuestion } from '../../shared/api/analytics.ts';
import { roundDecimal } from '../../shared/forecast/rounding.ts';
import { boundedCache } from '../../shared/history/bounded-cache.ts';
import type { GroupTotals, RunSales } from './run-sales.ts';

/** The sales of a run that have something in common. */
export interface GroupSummary {
  readonly group: string;
  readonly revenue: number;
  readonly units: number;
  readonly events: number;
  readonly promo_share: number;
  readonly subgroup: string | null;
}

/** Answers a question about a run, ascending by group and subgroup. */
export type SalesSummary = (runId: string, question: SummaryQuestion) => Promise<GroupSummary[]>;

/** What a question was answered with, up to the last id that counts. */
interface Known {
  readonly upTo: number;
  readonly groups: readonly GroupTotals[];
}

/** Some 20 MB: days within products are 15,000. */
const KEPT_GROUPS = 100_000;

/**
 * Sums the sales of a run up, reading each of them once for a question: stored sales don't change, and their ids become
 * visible in order, so that only those behind the last id seen are new. Who asks for sales before an id is helped by what
 * others asked, as long as that doesn't reach beyond the id.
 */
export function salesSummary(sales: RunSales): SalesSummary {
  const answered = boundedCache<Known>(KEPT_GROUPS);

  return async (runId, question) => {
    const { before_id = Number.POSITIVE_INFINITY } = question;
    const keys = [keyOf(runId, question, undefined), keyOf(runId, question, question.before_id)];
    const known = furthest(
      keys.flatMap((key) => answered.get(key) ?? []).filter(({ upTo }) => upTo < before_id),
    );
    const added = await sales.totals(runId, question, known.upTo);
    if (added.length === 0) return known.groups.map(toSummary);
    const groups = addGroups(known.groups, added);
    const upTo = Math.max(...added.map(({ last_id }) => last_id));
    for (const key of keys) {
      // Another request may have come further meanwhile.
      if ((answered.get(key)?.upTo ?? 0) < upTo) answered.set(key, { upTo, groups }, groups.length);
    }
    return groups.map(toSummary);
  };
}

function keyOf(runId: string, { by, then_by, product_id }: SummaryQuestion, beforeId?: number): string {
  return JSON.stringify([runId, by, then_by, product_id, beforeId]);
}

function furthest(known: readonly Known[]): Known {
  return known.reduce((best, each) => (each.upTo > best.upTo ? each : best), { upTo: 0, groups: [] });
}

/** Both ascending. */
function addGroups(known: readonly GroupTotals[], added: readonly GroupTotals[]): readonly GroupTotals[] {
  if (known.length === 0) return added;
  const sums = new Map(known.map((group) => [nameOf(group), group]));
  for (const group of added) {
    const before = sums.get(nameOf(group));
    sums.set(nameOf(group), before ? sumOf(before, group) : group);
  }
  return [...sums.values()].sort(
    (a, b) => compare(a.label, b.label) || compare(a.sublabel ?? '', b.sublabel ?? ''),
  );
}

function nameOf({ label, sublabel }: GroupTotals): string {
  return JSON.stringify([label, sublabel]);
}

function sumOf(a: GroupTotals, b: GroupTotals): GroupTotals {
  return {
    ...a,
    revenue_cents: a.revenue_cents + b.revenue_cents,
    units: a.units + b.units,
    events: a.events + b.events,
    promotions: a.promotions + b.promotions,
    last_id: Math.max(a.last_id, b.last_id),
  };
}

/** As the columns are ordered: numbers by value, texts by their characters. */
function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}

function toSummary({ label, sublabel, revenue_cents, units, events, promotions }: GroupTotals): GroupSummary {
  return {
    group: String(label),
    revenue: revenue_cents / 100,
    units,
    events,
    promo_share: roundDecimal(promotions / events, 4),
    subgroup: sublabel === null ? null : String(sublabel),
  };
}
