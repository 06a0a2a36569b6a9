import { MAX_PAIRS } from '../../shared/api/forecast-models.ts';
import { type BoundedCache, boundedCache } from '../../shared/bounded-cache.ts';
import type { DataSet, HistoryReader } from '../../shared/history/product-history.ts';
import { type CurrentDaySource, currentDate, dateOfDay } from '../../shared/history/scope.ts';
import {
  answerFor,
  type Hierarchy,
  hierarchyOf,
  type LevelAnswer,
  type LevelQuery,
  type SumAnswer,
  sumAnswer,
} from './level-answers.ts';
import type { ProductSales } from './level-pairs.ts';
import { type CountPairs, requireFewPairs } from './level-pairs.ts';

/** The data that forecasts of all levels are made from. */
export interface LevelSources {
  readonly history: HistoryReader;
  readonly store: CurrentDaySource;
  /** The data set's products, ascending. */
  readonly readProducts: () => Promise<readonly string[]>;
  readonly countPairs: CountPairs;
}

/** Cached answers of sums: about 10 KB each, and as much again for the JSON that is kept with an answer. */
const KEPT_SUMS = 100;

/** Days of pairs in cached hierarchies, 73,100 are about 10 MB: a few days, models or methods of a data set of that size. */
const KEPT_DAYS = 300_000;

const REMEDY =
  'All levels are forecast together so that they agree: leave the name of the level out and ask for one product in one store.';

/** Forecasts any level so that it agrees with the others; all are computed at once and cached by data set and day. */
export function levelReader({ history, store, readProducts, countPairs }: LevelSources) {
  const cache = boundedCache<Hierarchy>(KEPT_DAYS);
  const sums = boundedCache<SumAnswer>(KEPT_SUMS);

  async function readAll(): Promise<{ dataSet: DataSet | null; products: readonly ProductSales[] }> {
    const ids = await readProducts();
    const histories = await Promise.all(ids.map((id) => history.product(id)));
    const dataSet = histories[0]?.dataSet ?? null;
    // Another data set was loaded in between.
    if (histories.some((one) => one.dataSet?.id !== dataSet?.id)) return readAll();
    return { dataSet, products: histories.map(({ sales }, index) => ({ id: ids[index] ?? '', sales })) };
  }

  async function newestDataSet(): Promise<DataSet | null> {
    const [id] = await readProducts();
    return id === undefined ? null : (await history.product(id)).dataSet;
  }

  /** What a cache has for the newest data set; computed from all histories, and kept, if it has nothing. */
  async function keptIn<Kept>(
    keeper: BoundedCache<Kept>,
    keyOf: (dataSet: DataSet | null) => string,
    compute: (products: readonly ProductSales[], dataSet: DataSet | null) => Kept,
    weightOf: (kept: Kept) => number,
  ): Promise<{ dataSet: DataSet | null; kept: Kept }> {
    const newest = await newestDataSet();
    const known = keeper.get(keyOf(newest));
    if (known !== undefined) return { dataSet: newest, kept: known };
    const { dataSet, products } = await readAll();
    const kept = compute(products, dataSet);
    keeper.set(keyOf(dataSet), kept, weightOf(kept));
    return { dataSet, kept };
  }

  /** @throws HttpProblem `invalid_day`, or `not_found` without enough history or for an unknown id. */
  return async function levelAnswer(
    query: LevelQuery,
  ): Promise<{ answer: LevelAnswer | SumAnswer; version: string | null }> {
    requireFewPairs(await countPairs(MAX_PAIRS + 1), 'query.level', REMEDY);
    const today = query.day === undefined ? await currentDate(store) : null;
    const cutoffIn = (dataSet: DataSet | null) =>
      query.day === undefined ? today : dateOfDay(dataSet, query.day);
    const versionOf = (dataSet: DataSet | null) =>
      query.day === undefined || !dataSet ? null : dataSet.sha256;
    if (query.reconciliation === 'none') {
      const { dataSet, kept } = await keptIn(
        sums,
        (of) => JSON.stringify([of?.id, cutoffIn(of), query]),
        (products, of) => sumAnswer(products, cutoffIn(of), query),
        () => 1,
      );
      return { answer: kept, version: versionOf(dataSet) };
    }
    const { model, reconciliation } = query;
    const { dataSet, kept } = await keptIn(
      cache,
      (of) => JSON.stringify([of?.id, cutoffIn(of), model, reconciliation]),
      (products, of) => hierarchyOf(products, cutoffIn(of), { model, reconciliation }),
      ({ pairs }) => pairs.length * Math.max(1, pairs[0]?.units.length ?? 0),
    );
    return { answer: answerFor(kept, query, cutoffIn(dataSet) ?? 'all'), version: versionOf(dataSet) };
  };
}
