import { HttpProblem } from '../../shared/api/errors.ts';
import { MIN_HISTORY_DAYS, type RecentSale, recentSales, validCombo } from '../../shared/api/sales.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { dayIndexOf } from '../../shared/simulation/run-day.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import type { Combo } from './queries.ts';

/** What the routes read from MySQL. */
export interface SalesReader {
  /** The latest sales of a run, or of one of its days, newest first. */
  recent(runId: string, limit: number, dayIndex: number | undefined): Promise<RecentSale[]>;
  validCombo(): Promise<Combo | null>;
}

/** The sales' routes: DynamoDB has the current run, MySQL its sales. */
export function salesApi(store: Pick<SimulationStore, 'readState'>, sales: SalesReader): RouteHandler[] {
  return [
    implement(recentSales, async ({ query }) => {
      if (query.limit === 0 && query.day === undefined) return { events: [] };
      const state = await store.readState();
      const dayIndex = dayIndexOf(state, query.day);
      return {
        events: state && query.limit > 0 ? await sales.recent(state.runId, query.limit, dayIndex) : [],
      };
    }),
    implement(validCombo, async () => {
      const combo = await sales.validCombo();
      if (combo) return combo;
      const detail = `No product has ${MIN_HISTORY_DAYS} days of history in any store; load a data set first.`;
      throw new HttpProblem('not_found', detail);
    }),
  ];
}
