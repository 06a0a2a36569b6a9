/** Where each item of the simulation table is (docs/architecture.md shows the table). */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const STATE_KEY: ItemKey = { pk: 'SIMULATION', sk: 'STATE' };

export const DAY_PREFIX = 'DAY#';

export function calendarKey(id: string): ItemKey {
  return { pk: 'SIMULATION', sk: `CALENDAR#${id}` };
}

export function runKey(runId: string): string {
  return `RUN#${runId}`;
}

export function progressKey(runId: string): ItemKey {
  return { pk: runKey(runId), sk: 'PROGRESS' };
}

/** Four digits, so that the days of a run sort as text. */
export function dayKey(runId: string, dayIndex: number): ItemKey {
  return { pk: runKey(runId), sk: `${DAY_PREFIX}${String(dayIndex).padStart(4, '0')}` };
}
