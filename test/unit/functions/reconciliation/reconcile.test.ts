import { describe, expect, it, vi } from 'vitest';
import {
  type ReconciliationDependencies,
  reconcile,
  type StoredRun,
} from '../../../../functions/reconciliation/reconcile.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import type { DayProgress, SimulationState } from '../../../../shared/simulation/state.ts';

const NOW = '2026-01-01T12:00:00.000Z';
const MINUTES = 60_000;

function ago(minutes: number): string {
  return new Date(Date.parse(NOW) - minutes * MINUTES).toISOString();
}

function day(dayIndex: number, fields: Partial<DayProgress> = {}): DayProgress {
  const times = {
    requestedAt: null,
    pickedUpAt: ago(1),
    publishedAt: ago(1),
    publishedAgainAt: null,
    completedAt: null,
  };
  return { dayIndex, date: `2022-01-0${dayIndex + 1}`, dayTotal: 100, dayReceived: 0, ...times, ...fields };
}

interface World {
  state: Partial<SimulationState>;
  days: Record<string, DayProgress[]>;
  stored: StoredRun;
  publishedIndex: number;
}

function dependencies(world: Partial<World>) {
  const { state = {}, days = {}, stored = { received: new Map(), headId: 0 }, publishedIndex = 1 } = world;
  const calls = {
    published: [] as [string, number][],
    raiseHead: vi.fn(async () => undefined),
    raiseDayReceived: vi.fn(async () => undefined),
    retireRun: vi.fn(async () => undefined),
    readStoredRun: vi.fn(async () => stored),
  };
  const current: SimulationState = {
    runId: 'now',
    calendarId: 'c',
    dayIndex: 1,
    lastIndex: 2,
    daysLeft: 1,
    requestedAt: null,
    traceparent: null,
    retired: {},
    ...state,
  };
  const given: ReconciliationDependencies = {
    store: {
      readState: async () => current,
      readProgress: async (runId) => ({ runId, calendarId: 'c', publishedIndex, headId: 0 }),
      readCalendar: async (id) => ({
        id,
        dates: ['2022-01-01', '2022-01-02', '2022-01-03'],
        salesPerDay: null,
      }),
      readDays: async (runId) => days[runId] ?? [],
      recordPublishedDay: async () => undefined,
      raisePublishedIndex: async () => undefined,
      ...calls,
    },
    salesOfDates: async () => [],
    publishDay: async ({ runId, dayIndex }) => void calls.published.push([runId, dayIndex]),
    readStoredRun: calls.readStoredRun,
    now: () => NOW,
    log: createLogger('test'),
  };
  return { given, calls };
}

const whole = { dayReceived: 100, completedAt: ago(1) };

describe('the reconciliation', () => {
  it('the reconciliation queries and publishes nothing if every day is complete', async () => {
    const { given, calls } = dependencies({ days: { now: [day(0, whole), day(1, whole)] } });
    await reconcile(given);
    expect(calls.readStoredRun).not.toHaveBeenCalled();
    expect(calls.published).toEqual([]);
  });

  it('the reconciliation publishes the days whose trigger was lost', async () => {
    const { given, calls } = dependencies({ publishedIndex: -1 });
    await reconcile(given);
    expect(calls.published).toEqual([
      ['now', 0],
      ['now', 1],
    ]);
  });

  it('a day published by the reconciliation carries the trace of the last click', async () => {
    const click = { requestedAt: ago(2), traceparent: 'trace' };
    const { given } = dependencies({ publishedIndex: -1, state: click });
    const publishDay = vi.fn(async () => undefined);
    await reconcile({ ...given, publishDay });
    expect(publishDay).toHaveBeenNthCalledWith(
      1,
      expect.objectContaining({ dayIndex: 0, traceparent: null }),
    );
    expect(publishDay).toHaveBeenNthCalledWith(
      2,
      expect.objectContaining({ dayIndex: 1, traceparent: 'trace' }),
    );
  });

  it('the reconciliation raises counters that lag behind MySQL', async () => {
    const stored = { received: new Map([[1, 60]]), headId: 160 };
    const { given, calls } = dependencies({
      days: { now: [day(0, whole), day(1, { dayReceived: 40 })] },
      stored,
    });
    await reconcile(given);
    expect(calls.raiseHead).toHaveBeenCalledWith('now', 160);
    expect(calls.raiseDayReceived).toHaveBeenCalledExactlyOnceWith(
      'now',
      expect.objectContaining({ dayIndex: 1, received: 60 }),
    );
  });

  it('the reconciliation republishes a day only after it has been missing for more than ten minutes', async () => {
    const days = {
      now: [
        day(0, { publishedAt: ago(11) }),
        day(1, { publishedAt: ago(9) }),
        day(2, { publishedAt: ago(30), publishedAgainAt: ago(5) }),
      ],
    };
    const { given, calls } = dependencies({ days });
    await reconcile(given);
    expect(calls.published).toEqual([['now', 0]]);
  });

  it('the reconciliation completes replaced runs and releases the complete ones', async () => {
    const { given, calls } = dependencies({
      state: { retired: { old: 1, older: 1 } },
      days: {
        now: [day(0, whole), day(1, whole)],
        old: [day(0, whole), day(1)],
        older: [day(0, whole), day(1, whole)],
      },
    });
    await reconcile(given);
    const inAWeek = Date.parse(NOW) / 1_000 + 7 * 24 * 60 * 60;
    expect(calls.retireRun).toHaveBeenCalledExactlyOnceWith('older', inAWeek);
  });

  it('the reconciliation publishes the accepted days of a replaced run under that run', async () => {
    const { given, calls } = dependencies({
      state: { dayIndex: -1, retired: { old: 1 } },
      publishedIndex: 0,
    });
    await reconcile(given);
    expect(calls.published).toEqual([['old', 1]]);
  });

  it('the reconciliation does nothing before the first init', async () => {
    const { given, calls } = dependencies({});
    await reconcile({ ...given, store: { ...given.store, readState: async () => null } });
    expect(calls.published).toEqual([]);
  });
});
