import type { z } from 'zod';
import { HttpProblem } from '../../shared/api/errors.ts';
import { MAX_CALENDAR_DAYS, type nextDay } from '../../shared/api/simulation.ts';
import type { RequestContext } from '../../shared/http/route-handler.ts';
import { OutcomeUnknownError, RunContentionError } from '../../shared/simulation/dynamodb.ts';
import type { SimulationState } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

type Accepted = z.input<typeof nextDay.response>;

/** What existing clients compare `detail` with; not to be reworded. */
const NOT_INITIALIZED = 'Simulation not initialized yet. Wait for producer to start.';
const COMPLETED = 'All days completed. No more data.';

/**
 * Accepts one press of Next Day.
 *
 * @throws HttpProblem `not_initialized`, `all_days_completed`, `run_replaced` or `outcome_unknown`.
 */
export async function acceptClick(
  store: Pick<SimulationStore, 'advanceDays' | 'readCalendar'>,
  now: () => Date,
  {
    query,
    traceparent,
    log,
  }: Pick<RequestContext<{ days: number }, unknown>, 'query' | 'traceparent' | 'log'>,
): Promise<Accepted> {
  // No calendar is longer, so what is beyond this is beyond the last day.
  const asked = Math.min(query.days, MAX_CALENDAR_DAYS);
  const click = { requestedAt: now().toISOString(), traceparent };
  const advance = await store.advanceDays(asked, click).catch(asProblem);
  if (advance.outcome !== 'advanced') throw refusal(advance.outcome);
  const { state, days } = advance;
  log.info('click accepted', { run_id: state.runId, day_index: state.dayIndex, days });
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
        'The simulation was reset meanwhile; nothing was advanced. Try again.',
      );
  }
}

/** The click counts already: an error here must not look like one after which it may be sent again. */
async function currentDay(
  store: Pick<SimulationStore, 'readCalendar'>,
  { calendarId, dayIndex }: SimulationState,
): Promise<string> {
  try {
    const { dates } = await store.readCalendar(calendarId);
    const date = dates[dayIndex];
    if (date !== undefined) return date;
    throw new RangeError(
      `Calendar ${calendarId} has ${dates.length} days, the run stands on day ${dayIndex}.`,
    );
  } catch (cause) {
    const detail = `The click was accepted (day_index ${dayIndex}), but its date could not be read; read GET /simulation/status.`;
    throw new HttpProblem('outcome_unknown', detail, { cause });
  }
}

/** Throws what a client is told of a store's error; others stay as they are. For use with `.catch()`. */
export function asProblem(error: unknown): never {
  if (error instanceof OutcomeUnknownError) {
    const detail =
      'The answer was lost, so the day may have been accepted or not; read GET /simulation/status before you try again.';
    throw new HttpProblem('outcome_unknown', detail, { cause: error });
  }
  if (error instanceof RunContentionError)
    throw new HttpProblem('run_replaced', error.message, { cause: error });
  throw error;
}
