import type { SimulationStatus } from '../api/simulation.ts';
import type { Snapshot } from './state.ts';

/** Derives the status that clients see from what the stores hold. */
export function simulationStatus(snapshot: Snapshot): SimulationStatus {
  const { state, calendar, day } = snapshot;
  const dayIndex = state?.dayIndex ?? -1;
  const received = day?.dayReceived ?? 0;
  const total = dayTotal(snapshot, dayIndex);
  return {
    current_day: calendar?.dates[dayIndex] ?? null,
    day_index: dayIndex,
    total_days: calendar?.dates.length ?? 0,
    day_total: total,
    day_received: received,
    is_running: dayIndex >= 0,
    is_complete: dayIndex >= 0 && state?.daysLeft === 0 && snapshot.allDaysComplete,
    progress_pct: progressPercent(received, total),
    run_id: state?.runId ?? null,
  };
}

/** The publisher's count if it is known, else a posted total, else the calendar's expectation. */
function dayTotal({ day, declaredDayTotal, calendar }: Snapshot, dayIndex: number): number {
  return day?.dayTotal ?? declaredDayTotal ?? calendar?.salesPerDay?.[dayIndex] ?? 0;
}

function progressPercent(received: number, total: number): number {
  if (total <= 0) return 0;
  return Math.min(100, Math.round((received / total) * 1000) / 10);
}
