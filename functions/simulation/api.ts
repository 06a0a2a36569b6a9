import {
  declareDayTotal,
  initSimulation,
  nextDay,
  readStatus,
  resetSimulation,
} from '../../shared/api/simulation.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { simulationStatus } from '../../shared/simulation/status.ts';
import type { SimulationStore, SnapshotHint } from '../../shared/simulation/store.ts';
import { answerNextDay, asProblem } from './advance-days.ts';

/** The part of the store that requests use. */
export type ClientStore = Pick<
  SimulationStore,
  'advanceDays' | 'reset' | 'register' | 'declareDayTotal' | 'readSnapshot' | 'readCalendar'
>;

/**
 * The simulation's routes.
 *
 * @param now The time at which requests are accepted.
 */
export function simulationApi(store: ClientStore, now: () => Date): RouteHandler[] {
  return [
    implement(initSimulation, async ({ body, log }) => {
      const { startedRun, totalDays } = await store.register({ dates: body.dates }).catch(asProblem);
      if (startedRun) log.info('run started by init', { total_days: totalDays });
      return { status: 'ok' as const, total_days: totalDays };
    }),
    implement(nextDay, (request) => answerNextDay(store, now, request)),
    implement(resetSimulation, async ({ log }) => {
      await store.reset();
      log.info('simulation reset');
      return { status: 'reset' as const };
    }),
    implement(declareDayTotal, async ({ body }) => {
      await store.declareDayTotal(body.total);
      return { status: 'ok' as const };
    }),
    implement(readStatus, statusReader(store)),
  ];
}

/** Remembers the last run and day, so that while they don't change reading the status takes one round trip. */
function statusReader(store: Pick<SimulationStore, 'readSnapshot'>) {
  let hint: SnapshotHint | undefined;
  return async () => {
    const snapshot = await store.readSnapshot(hint);
    hint = snapshot.state ?? undefined;
    return simulationStatus(snapshot);
  };
}
