import { randomUUID } from 'node:crypto';
import { calendarOf, sameDates } from '../../shared/simulation/runs.ts';
import type { Calendar, DayProgress, SimulationState, Snapshot } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

/** The part of the store that clients' requests reach. */
export type MemoryStore = Pick<
  SimulationStore,
  | 'advanceDays'
  | 'reset'
  | 'register'
  | 'declareDayTotal'
  | 'readSnapshot'
  | 'readState'
  | 'readCalendar'
  | 'readDay'
> & {
  /** Sets the pipeline's record of the current day. */
  setDay(day: Pick<DayProgress, 'dayTotal' | 'dayReceived'>): void;
  /** Marks every sale of the run as stored. */
  completeAllDays(): void;
};

/** The simulation's state in memory, behaving like the one in DynamoDB. */
export function memorySimulationStore(): MemoryStore {
  let state: SimulationState | null = null;
  let calendar: Calendar | null = null;
  let day: DayProgress | null = null;
  let declaredDayTotal: number | null = null;
  let allDaysComplete = false;

  function startRun(next: Calendar): void {
    const last = next.dates.length - 1;
    calendar = next;
    state = {
      runId: randomUUID(),
      calendarId: next.id,
      dayIndex: -1,
      lastIndex: last,
      daysLeft: last + 1,
      requestedAt: null,
      traceparent: null,
      retired: {},
    };
    forgetDay();
  }

  function forgetDay(): void {
    day = null;
    declaredDayTotal = null;
    allDaysComplete = false;
  }

  return {
    async advanceDays(asked, click) {
      if (!state || state.lastIndex < 0) return { outcome: 'not_initialized' };
      if (state.daysLeft === 0) return { outcome: 'completed' };
      const days = Math.min(asked, state.daysLeft);
      state = { ...state, ...click, dayIndex: state.dayIndex + days, daysLeft: state.daysLeft - days };
      forgetDay();
      return { outcome: 'advanced', state, days };
    },
    async reset() {
      if (calendar) startRun(calendar);
      declaredDayTotal = null;
    },
    async register(registration) {
      const next = calendarOf(registration);
      const startedRun = !calendar || !sameDates(calendar.dates, next.dates);
      if (startedRun) startRun(next);
      return { startedRun, totalDays: next.dates.length };
    },
    async declareDayTotal(total) {
      declaredDayTotal = total;
    },
    async readSnapshot(): Promise<Snapshot> {
      return { state, calendar, progress: null, day, declaredDayTotal, allDaysComplete };
    },
    readState: async () => state,
    readDay: async (runId, dayIndex) => (runId === state?.runId && dayIndex === day?.dayIndex ? day : null),
    async readCalendar(id) {
      if (calendar?.id !== id) throw new Error(`no calendar ${id}`);
      return calendar;
    },
    setDay({ dayTotal, dayReceived }) {
      const dayIndex = state?.dayIndex ?? -1;
      const at = '2026-01-01T00:00:00.000Z';
      day = {
        dayIndex,
        date: calendar?.dates[dayIndex] ?? '',
        dayTotal,
        dayReceived,
        requestedAt: at,
        pickedUpAt: at,
        publishedAt: at,
        publishedAgainAt: null,
        completedAt: dayReceived >= dayTotal ? at : null,
      };
    },
    completeAllDays() {
      allDaysComplete = true;
    },
  };
}
