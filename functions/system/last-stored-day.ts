import type { Metrics } from '../../shared/api/system.ts';
import type { DayProgress, Snapshot } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

/** How many days before the current one are considered. If more are incomplete, the lag says more than the last delay. */
const LOOK_BACK_DAYS = 3;

/** The last completely stored day, if it is one of the latest, and how long storing it took since its request. */
export async function lastStoredDay(
  store: Pick<SimulationStore, 'readDay'>,
  { state, day: currentDay }: Snapshot,
): Promise<Metrics['pipeline']['last_stored_day']> {
  if (!state) return null;
  const earliest = Math.max(0, state.dayIndex - LOOK_BACK_DAYS);
  for (let index = state.dayIndex; index >= earliest; index -= 1) {
    const day = index === state.dayIndex ? currentDay : await store.readDay(state.runId, index);
    const stored = day && storedDay(day);
    if (stored) return stored;
  }
  return null;
}

function storedDay({ dayIndex, date, requestedAt, completedAt }: DayProgress) {
  if (completedAt === null) return null;
  return {
    day_index: dayIndex,
    date,
    completed_at: completedAt,
    click_to_stored_seconds:
      requestedAt === null ? null : (Date.parse(completedAt) - Date.parse(requestedAt)) / 1_000,
  };
}
