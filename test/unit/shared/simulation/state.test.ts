import { describe, expect, it } from 'vitest';
import type { DayProgress, SimulationState, Snapshot } from '../../../../shared/simulation/state.ts';
import { simulationStatus } from '../../../../shared/simulation/state.ts';

const calendar = { id: 'c', dates: ['2022-01-01', '2022-01-02', '2022-01-03'], salesPerDay: null };

function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  const nothing = { state: null, calendar: null, progress: null, day: null };
  return { ...nothing, declaredDayTotal: null, allDaysComplete: false, ...fields };
}

function state(dayIndex: number): SimulationState {
  const run = { runId: 'r', calendarId: 'c', requestedAt: null, traceparent: null, retired: {} };
  return { ...run, dayIndex, lastIndex: 2, daysLeft: 2 - dayIndex };
}

function day(dayIndex: number, dayReceived: number): DayProgress {
  const times = {
    requestedAt: null,
    pickedUpAt: null,
    publishedAt: null,
    publishedAgainAt: null,
    completedAt: null,
  };
  return { dayIndex, date: calendar.dates[dayIndex] ?? '', dayTotal: 100, dayReceived, ...times };
}

describe('the status', () => {
  it('the status is empty before the first init', () => {
    expect(simulationStatus(snapshot())).toEqual({
      current_day: null,
      day_index: -1,
      total_days: 0,
      day_total: 0,
      day_received: 0,
      is_running: false,
      is_complete: false,
      progress_pct: 0,
      run_id: null,
    });
  });

  it('the status before the first day has a calendar but is not running', () => {
    const status = simulationStatus(snapshot({ state: state(-1), calendar }));
    expect(status).toMatchObject({ current_day: null, day_index: -1, total_days: 3, is_running: false });
  });

  it('the status has the share of the current day that has arrived, in per cent with one decimal', () => {
    const status = simulationStatus(
      snapshot({ state: state(1), calendar, day: { ...day(1, 1), dayTotal: 3 } }),
    );
    expect(status).toMatchObject({
      current_day: '2022-01-02',
      day_total: 3,
      day_received: 1,
      progress_pct: 33.3,
    });
  });

  it.each([
    { known: 'the calendar alone', fields: { calendar: { ...calendar, salesPerDay: [7, 8, 9] } }, total: 8 },
    { known: 'a posted total', fields: { declaredDayTotal: 50 }, total: 50 },
    { known: 'the producer', fields: { declaredDayTotal: 50, day: day(1, 0) }, total: 100 },
    { known: 'no source', fields: {}, total: 0 },
  ])('the status takes the day total from the best source: $known', ({ fields, total }) => {
    expect(simulationStatus(snapshot({ state: state(1), calendar, ...fields })).day_total).toBe(total);
  });

  it('the status is complete only when the last day has begun and all days are stored', () => {
    const last = { state: state(2), calendar, day: day(2, 100) };
    expect(simulationStatus(snapshot({ ...last, allDaysComplete: false })).is_complete).toBe(false);
    expect(simulationStatus(snapshot({ ...last, allDaysComplete: true })).is_complete).toBe(true);
    expect(simulationStatus(snapshot({ ...last, state: state(1), allDaysComplete: true })).is_complete).toBe(
      false,
    );
  });
});
