import { MIN_FORECAST_DAYS } from '../../shared/forecast/demand-forecast.ts';
import { type BacktestAnswer, backtestOf } from '../../shared/forecast/forecast-answer.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import { dailyOffers } from '../../shared/forecast/offers.ts';
import {
  type KnownSales,
  noData,
  storeHistory,
  storeOffers,
  tooFewDays,
} from '../../shared/history/scope.ts';

type Models = BacktestAnswer['models'];

/** The backtest of every model on a product: in each store, and on average. */
export interface ProductBacktest {
  readonly horizon: number;
  readonly models: Models;
  readonly stores: readonly {
    readonly store_id: string;
    readonly history_days_used: number;
    readonly windows: number;
    readonly models: Models;
  }[];
  /** Stores with fewer than {@link MIN_FORECAST_DAYS} days. */
  readonly skipped_stores: readonly string[];
}

/**
 * Backtests every store of a product.
 *
 * @param levels of the intervals, in per cent
 * @throws HttpProblem `not_found` if no store has enough history in scope.
 */
export function productBacktest(
  known: KnownSales,
  productId: string,
  levels: readonly number[],
): ProductBacktest {
  const stores = [...new Set(known.sales.map(({ storeId }) => storeId))].sort().map((store_id) => {
    const history = storeHistory(known, store_id);
    return { store_id, history, days: history.length };
  });
  if (stores.length === 0) throw noData(productId);
  const enough = stores.filter(({ days }) => days >= MIN_FORECAST_DAYS);
  const tested = enough.map(({ store_id, history, days }) => {
    const past = dailyOffers(storeOffers(known, store_id));
    const { windows, horizon, models } = backtestOf(
      history,
      levels,
      past === null ? undefined : { past, ahead: [] },
    );
    return { horizon, row: { store_id, history_days_used: days, windows, models } };
  });
  const [first] = tested;
  if (!first) throw tooFewDays(MIN_FORECAST_DAYS, Math.max(...stores.map(({ days }) => days)));
  return {
    horizon: first.horizon,
    models: meanTable(tested.map(({ row }) => row.models)),
    stores: tested.map(({ row }) => row),
    skipped_stores: stores.filter((store) => !enough.includes(store)).map(({ store_id }) => store_id),
  };
}

/** Model by model the mean of each measure over the tables in which it has a value. */
function meanTable(tables: readonly Models[]): Models {
  const [first = []] = tables;
  return first.map(({ model, coverage }, row) => {
    const rows = tables.flatMap((models) => models[row] ?? []);
    return {
      model,
      rmsse: mean(
        rows.map(({ rmsse }) => rmsse),
        4,
      ),
      mase: mean(
        rows.map(({ mase }) => mase),
        4,
      ),
      smape: mean(
        rows.map(({ smape }) => smape),
        2,
      ),
      bias: mean(
        rows.map(({ bias }) => bias),
        2,
      ),
      coverage: coverage.map(({ level }, column) => ({
        level,
        covered_pct: mean(
          rows.map((each) => each.coverage[column]?.covered_pct ?? null),
          1,
        ),
      })),
    };
  });
}

function mean(values: readonly (number | null)[], decimals: number): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return roundDecimal(known.reduce((sum, value) => sum + value, 0) / known.length, decimals);
}
