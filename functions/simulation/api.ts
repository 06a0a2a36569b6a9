import type { z } from 'zod';
import { HttpProblem } from '../../shared/api/errors.ts';
import {
  declareDayTotal,
  initSimulation,
  MAX_CALENDAR_DAYS,
  nextDay,
  readStatus,
  resetSimulation,
} from '../../shared/api/simulation.ts';
import { implement, type RequestContext, type RouteHandler } from '../../shared/http/route-handler.ts';
import { OutcomeUnknownError, RunContentionError } from '../../shared/simulation/dynamodb.ts';
import { type SimulationState, simulationStatus } from '../../shared/simulation/state.ts';
import type { SimulationStore, SnapshotHint } from '../../shared/simulation/store.ts';

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

/** Remembers the last run and day, so reading the status takes one round trip while they don't change. */
function statusReader(store: Pick<SimulationStore, 'readSnapshot'>) {
  let hint: SnapshotHint | undefined;
  return async () => {
    const snapshot = await store.readSnapshot(hint);
    hint = snapshot.state ?? undefined;
    return simulationStatus(snapshot);
  };
}

type Accepted = z.input<typeof nextDay.response>;

/** Existing clients compare `detail` with these texts, so they must not change. */
const NOT_INITIALIZED = 'Simulation not initialized yet. Wait for producer to start.';
const COMPLETED = 'All days completed. No more data.';

/**
 * Advances the simulation by the requested days, or by as many as remain.
 *
 * @throws HttpProblem `not_initialized`, `all_days_completed`, `run_replaced` or `outcome_unknown`.
 */
async function answerNextDay(
  store: Pick<SimulationStore, 'advanceDays' | 'readCalendar'>,
  now: () => Date,
  {
    query,
    traceparent,
    log,
  }: Pick<RequestContext<{ days: number }, unknown>, 'query' | 'traceparent' | 'log'>,
): Promise<Accepted> {
  // No calendar is longer, so more days would be beyond the last day.
  const asked = Math.min(query.days, MAX_CALENDAR_DAYS);
  const trigger = { requestedAt: now().toISOString(), traceparent };
  const advance = await store.advanceDays(asked, trigger).catch(asProblem);
  if (advance.outcome !== 'advanced') throw refusal(advance.outcome);
  const { state, days } = advance;
  log.info('days accepted', { run_id: state.runId, day_index: state.dayIndex, days });
  return {
    status: 'ok',
    current_day: await currentDay(store, state),
    day_index: state.dayIndex,
    days,
    run_id: state.runId,
  };
}

function refusal(outcome: 'not_initialized' | 'completed' | 'run_replaced'): HttpProblem {
  switch (outcome) {
    case 'not_initialized':
      return new HttpProblem('not_initialized', NOT_INITIALIZED);
    case 'completed':
      return new HttpProblem('all_days_completed', COMPLETED);
    case 'run_replaced':
      return new HttpProblem(
        'run_replaced',
        'The simulation was reset during the request; no day was accepted. Try again.',
      );
  }
}

/** The days have been accepted at this point, so an error must not invite the client to repeat the request. */
async function currentDay(
  store: Pick<SimulationStore, 'readCalendar'>,
  { calendarId, dayIndex }: SimulationState,
): Promise<string> {
  try {
    const { dates } = await store.readCalendar(calendarId);
    const date = dates[dayIndex];
    if (date !== undefined) return date;
    throw new RangeError(
      `Calendar ${calendarId} has ${dates.length} days, but the run is on day ${dayIndex}.`,
    );
  } catch (cause) {
    const detail = `The request was accepted (day_index ${dayIndex}), but the date could not be read; read GET /simulation/status.`;
    throw new HttpProblem('outcome_unknown', detail, { cause });
  }
}

/**
 * Rethrows a store's error as the problem that clients see.
 *
 * @throws HttpProblem `outcome_unknown` or `run_replaced`; other errors unchanged.
 * @example
 * await store.advance(days).catch(asProblem);
 */
export function asProblem(error: unknown): never {
  if (error instanceof OutcomeUnknownError) {
    const detail =
      'The response was lost, so the days may or may not have been accepted; read GET /simulation/status before you try again.';
    throw new HttpProblem('outcome_unknown', detail, { cause: error });
  }
  if (error instanceof RunContentionError)
    throw new HttpProblem('run_replaced', error.message, { cause: error });
  throw error;
}
