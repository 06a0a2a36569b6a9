import { HttpProblem } from '../../shared/api/errors.ts';
import { keptByArray } from '../../shared/kept-by-array.ts';
import type { DayProgress } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

/** A day of a run as clients see it. */
export interface RunDay {
  readonly day_index: number;
  readonly date: string;
  readonly day_total: number;
  readonly day_received: number;
  readonly requested_at: string | null;
  readonly picked_up_at: string | null;
  readonly published_at: string | null;
  readonly published_again_at: string | null;
  readonly completed_at: string | null;
}

/**
 * The days of a run that the pipeline has seen, ascending.
 *
 * @param from Index of the first day that is wanted.
 * @throws HttpProblem `not_found` if nothing is known of the run.
 */
export async function runDays(
  store: Pick<SimulationStore, 'readDays' | 'readState'>,
  runId: string,
  from: number,
): Promise<readonly RunDay[]> {
  const days = await store.readDays(runId, from);
  if (days.length === 0 && !(await isKnown(store, runId))) {
    const detail = `No run ${runId} is known. Runs that were replaced are forgotten after a while; GET /simulation/status names the current one.`;
    throw new HttpProblem('not_found', detail);
  }
  return shownDays(days);
}

/** The same days as before are shown by the same array. */
const shownDays = keptByArray((days: readonly DayProgress[]) => days.map(runDay));

/** The current run is known before its first day, another one by its days. */
async function isKnown(store: Pick<SimulationStore, 'readDays' | 'readState'>, runId: string) {
  return (await store.readState())?.runId === runId || (await store.readDays(runId)).length > 0;
}

function runDay(day: DayProgress): RunDay {
  return {
    day_index: day.dayIndex,
    date: day.date,
    day_total: day.dayTotal,
    day_received: day.dayReceived,
    requested_at: day.requestedAt,
    picked_up_at: day.pickedUpAt,
    published_at: day.publishedAt,
    published_again_at: day.publishedAgainAt,
    completed_at: day.completedAt,
  };
}
