import { type DemandPrediction, predictDemand } from '../../shared/forecast/demand-prediction.ts';
import { noData, type Scope, storeHistory } from '../../shared/history/scope.ts';

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
export function demandAnswer(
  { sales, upTo }: Scope,
  { store_id, product_id, days }: DemandQuestion,
): DemandPrediction {
  const history = storeHistory(sales, store_id);
  if (history.length === 0) throw noData(product_id, store_id);
  return predictDemand({ store_id, product_id, analysis_up_to_day: upTo, days }, history);
}
