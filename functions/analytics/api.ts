import type { PriceSensitivity } from '../../shared/analytics/price-sensitivity.ts';
import type { PromotionHistory } from '../../shared/analytics/promotion-simulation.ts';
import { predictDemand, readRunDays } from '../../shared/api/analytics.ts';
import { HttpProblem } from '../../shared/api/errors.ts';
import {
  type DatedInsight,
  type Insight,
  type OptionalColumn,
  readInsights,
} from '../../shared/api/insights.ts';
import { readPriceSensitivity } from '../../shared/api/prices.ts';
import { simulatePromotions } from '../../shared/api/promotions.ts';
import { type SummaryQuestion, summarizeSales } from '../../shared/api/sales-summary.ts';
import { type BoundedCache, boundedCache } from '../../shared/bounded-cache.ts';
import { type DemandPrediction, predictByAverage } from '../../shared/forecast/moving-average.ts';
import type { DataSet, HistoryReader } from '../../shared/history/product-history.ts';
import {
  currentDate,
  dateOfDay,
  noData,
  type SalesScope,
  type ScopeReader,
  scopeReader,
  storeHistory,
  versioned,
} from '../../shared/history/scope.ts';
import { VersionedAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { dayIndexOf, type SimulationState } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { type DayFindings, insightsOfDay } from './insights.ts';
import { type RankingSource, rankingImplementation } from './ranking.ts';
import { type RunDay, runDays } from './run-days.ts';
import type { GroupSummary } from './sales-summary.ts';

/** The data that analyses are made from. */
interface AnalyticsSources {
  readonly history: HistoryReader;
  readonly store: Pick<SimulationStore, 'readState' | 'readCalendar' | 'readDays'>;
  /** @param accepted How many sales the run's accepted days have, if that is known. */
  summary(runId: string, question: SummaryQuestion, accepted?: number): Promise<readonly GroupSummary[]>;
  /** The newest data set; null if none was loaded. `fresh` asks the database even if it was asked a moment ago. */
  dataSet(how?: 'fresh'): Promise<DataSet | null>;
  readonly ranking: RankingSource;
  /** @param ahead Days that the stock should last; with 0, only what stays true of a past day. */
  findings(date: string, limit: number, ahead: number): Promise<DayFindings>;
  /** The columns that the loaded data set lacks. */
  missingColumns(): Promise<readonly OptionalColumn[]>;
}

/** Cached analyses of each kind, about 3 KB each. */
const KEPT_ANALYSES = 1_000;

/** The routes that analyse history and summarise runs. */
export function analyticsApi(sources: AnalyticsSources): RouteHandler[] {
  const { history, store } = sources;
  const scopeOf = scopeReader(history, store);
  return [
    implement(predictDemand, async ({ query }) => {
      const scope = await scopeOf(query.product_id, query.day);
      return versioned(scope, demandAnswer(scope, query));
    }),
    priceImplementation(scopeOf),
    promotionImplementation(scopeOf),
    summaryImplementation(sources),
    rankingImplementation(sources),
    insightsImplementation(sources),
    runDaysImplementation(store),
  ];
}

function runDaysImplementation(store: AnalyticsSources['store']): RouteHandler {
  /** By the days, which are the same array until the table is read again. No two runs share one. */
  const answers = new WeakMap<
    readonly RunDay[],
    { readonly run_id: string; readonly days: readonly RunDay[] }
  >();
  return implement(readRunDays, async ({ params: { run_id }, query: { from } }) => {
    const days = await runDays(store, run_id, from);
    const answer = answers.get(days) ?? { run_id, days };
    answers.set(days, answer);
    return answer;
  });
}

function summaryImplementation({ store, summary }: AnalyticsSources): RouteHandler {
  /** By the groups, which are the same ones until another sale is stored. */
  const answers = new WeakMap<readonly GroupSummary[], SummaryAnswer>();
  return implement(summarizeSales, async ({ query }) => {
    const state = await store.readState();
    dayIndexOf(state, query.day);
    const groups = state ? await summary(state.runId, query, await acceptedSales(store, state)) : [];
    const answer = { run_id: state?.runId ?? null, by: query.by, groups };
    const known = answers.get(groups);
    if (known?.run_id === answer.run_id && known.by === answer.by) return known;
    answers.set(groups, answer);
    return answer;
  });
}

/** How many sales the accepted days of the run have; undefined for a calendar that doesn't know. */
async function acceptedSales(
  store: AnalyticsSources['store'],
  { calendarId, dayIndex }: SimulationState,
): Promise<number | undefined> {
  const { salesPerDay } = await store.readCalendar(calendarId);
  return salesPerDay?.slice(0, dayIndex + 1).reduce((sum, sales) => sum + sales, 0);
}

interface SummaryAnswer {
  readonly run_id: string | null;
  readonly by: SummaryQuestion['by'];
  readonly groups: readonly GroupSummary[];
}

function priceImplementation(scopeOf: ScopeReader): RouteHandler {
  const kept = boundedCache<PriceSensitivity | null>(KEPT_ANALYSES);
  return implement(readPriceSensitivity, async ({ query }) => {
    const scope = await scopeOf(query.product_id, query.day);
    // Loaded by the first analysis: it brings jStat, which most requests don't need.
    const { priceSensitivity } = await import('../../shared/analytics/price-sensitivity.ts');
    const analysis = keep(kept, scope, priceSensitivity);
    if (!analysis) throw noData(query.product_id);
    return versioned(scope, {
      product_id: query.product_id,
      analysis_up_to_day: scope.upTo,
      ...analysis,
    });
  });
}

const NO_PROMOTIONS =
  'The data set has neither promotions nor discounts, so the effect of a discount can’t be known.';

function promotionImplementation(scopeOf: ScopeReader): RouteHandler {
  const kept = boundedCache<PromotionHistory | null>(KEPT_ANALYSES);
  return implement(simulatePromotions, async ({ query }) => {
    const scope = await scopeOf(query.product_id, query.day);
    const { promotionHistory, simulatePromotion } = await import(
      '../../shared/analytics/promotion-simulation.ts'
    );
    const past = keep(kept, scope, promotionHistory);
    if (!past) throw noData(query.product_id);
    if (!past.knowsPromotions && !past.knowsDiscounts) throw new HttpProblem('not_found', NO_PROMOTIONS);
    return versioned(scope, {
      product_id: query.product_id,
      analysis_up_to_day: scope.upTo,
      ...simulatePromotion(past, query.discount_pct),
    });
  });
}

function insightsImplementation({
  store,
  dataSet,
  findings,
  missingColumns,
}: AnalyticsSources): RouteHandler {
  const kept = boundedCache<readonly DatedInsight[]>(KEPT_ANALYSES);
  let missing: { readonly of: number; readonly columns: readonly OptionalColumn[] } | null = null;

  /** The field of the answer; none if nothing is missing. */
  async function missingOf(known: DataSet) {
    if (missing?.of !== known.id) {
      const columns = await missingColumns();
      if ((await dataSet('fresh'))?.id === known.id) missing = { of: known.id, columns };
    }
    const columns = missing?.of === known.id ? missing.columns : [];
    return columns.length > 0 ? { missing_columns: [...columns] } : {};
  }

  /** @param ahead Days that the stock should last; 0 for a day before the one that is asked for. */
  async function insightsOf(known: DataSet, day: number, limit: number, ahead: number) {
    const date = known.dates[day - 1] ?? '';
    const key = JSON.stringify([known.id, date, limit, ahead]);
    const cached = kept.get(key);
    if (cached) return cached;
    const found = insightsOfDay(await findings(date, limit, ahead), { day, date, ahead })
      .slice(0, limit)
      .map((insight) => ({ ...insight, day, date }));
    // Another data set may have been loaded between the queries; what was mixed is not kept.
    if ((await dataSet('fresh'))?.id === known.id) kept.set(key, found);
    return found;
  }

  return implement(readInsights, async ({ query: { day, limit, days, ahead } }) => {
    const [known, today] = await Promise.all([dataSet(), day === undefined ? currentDate(store) : null]);
    const date = day === undefined ? today : dateOfDay(known, day);
    const number = day ?? (known?.dates.indexOf(today ?? '') ?? -1) + 1;
    const lacks = known ? await missingOf(known) : {};
    if (!known || date === null || number === 0) return { day: null, date: null, insights: [], ...lacks };
    const earlier = Array.from({ length: Math.min(days, number) - 1 }, (_, index) => number - 1 - index);
    const found = await Promise.all([
      insightsOf(known, number, limit, ahead),
      ...earlier.map((each) => insightsOf(known, each, limit, 0)),
    ]);
    const insights = bySeverity(found.flat()).slice(0, limit);
    const answer = { day: number, date, insights, ...lacks };
    return day === undefined ? answer : new VersionedAnswer(answer, known.sha256);
  });
}

const SEVERITIES: readonly Insight['severity'][] = ['high', 'medium', 'low'];

/** The most severe first; otherwise in their order. */
function bySeverity(insights: readonly DatedInsight[]): DatedInsight[] {
  return insights.toSorted(
    (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
  );
}

/** Returns the cached analysis of a scope or makes it. */
function keep<Analysis>(
  kept: BoundedCache<Analysis>,
  { key, sales }: SalesScope,
  analyse: (sales: SalesScope['sales']) => Analysis,
): Analysis {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const analysis = analyse(sales);
  // Products without sales are not cached: their ids are arbitrary.
  if (sales.length > 0) kept.set(key, analysis);
  return analysis;
}

/** The parameters of a prediction. */
interface DemandQuestion {
  readonly store_id: string;
  readonly product_id: string;
  /** Days to average, from 1. */
  readonly days: number;
}

/**
 * The forecast for one store of the product in scope.
 *
 * @throws HttpProblem `not_found` if the store had not sold it by then.
 */
function demandAnswer(scope: SalesScope, { store_id, product_id, days }: DemandQuestion): DemandPrediction {
  const history = storeHistory(scope, store_id);
  if (history.length === 0) throw noData(product_id, store_id);
  return predictByAverage({ store_id, product_id, analysis_up_to_day: scope.upTo, days }, history);
}
