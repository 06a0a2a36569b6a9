import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PublicationDependencies, publishDue } from '../../../../shared/publication/publication.ts';
import type { SaleFact } from '../../../../shared/publication/sale-events.ts';
import type { SimulationState } from '../../../../shared/simulation/state.ts';
import { saleEvent } from '../../../support/sale-events.ts';

const DAYS = 60;
const dates = Array.from({ length: DAYS }, (_, day) =>
  new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10),
);

class Crash extends Error {}

const CURRENT: SimulationState = {
  runId: 'run',
  calendarId: 'c',
  dayIndex: DAYS - 1,
  lastIndex: DAYS - 1,
  daysLeft: 0,
  requestedAt: null,
  traceparent: null,
  retired: { replaced: 3 },
};

/** A run whose topic and progress are lists in memory, with a crash before or after any step of a publication. */
function runInMemory() {
  const topic: number[] = [];
  const recorded: { dayIndex: number; dayTotal: number; requestedAt: string | null }[] = [];
  let publishedIndex = -1;
  let steps = Number.POSITIVE_INFINITY;

  async function step<Result>(effect: () => Result): Promise<Result> {
    await Promise.resolve();
    if (steps <= 0) throw new Crash();
    steps -= 1;
    return effect();
  }

  const dependencies: PublicationDependencies = {
    store: {
      readState: async () => CURRENT,
      readProgress: (runId) => step(() => ({ runId, calendarId: 'c', publishedIndex, headId: 0 })),
      readCalendar: (id) => step(() => ({ id, dates, salesPerDay: null })),
      recordPublishedDay: (_run, day) => step(() => void recorded.push(day)),
      raisePublishedIndex: (_run, day) =>
        step(() => {
          publishedIndex = Math.max(publishedIndex, day);
        }),
    },
    salesOfDates: (wanted) => step(() => wanted.map((date) => fact(date))),
    publishDay: ({ dayIndex }) => step(() => void topic.push(dayIndex)),
    now: () => '2026-01-01T00:00:00.000Z',
  };
  return {
    dependencies,
    topic,
    recorded,
    crashAfter: (count: number) => {
      steps = count;
    },
    publishedIndex: () => publishedIndex,
  };
}

function fact(date: string): SaleFact {
  const { event_id: _id, run_id: _run, day_index: _day, day_total: _total, ...sale } = saleEvent({ date });
  return sale;
}

function firstOccurrences(days: readonly number[]): number[] {
  return [...new Set(days)];
}

function upTo(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, day) => day);
}

describe('the publication of what is due', () => {
  it('a publication sends every day after the last published one, once and in order', async () => {
    const run = runInMemory();
    expect(await publishDue(run.dependencies, 'run', 2)).toBe(3);
    expect(await publishDue(run.dependencies, 'run', 45)).toBe(43);
    expect(run.topic).toEqual(upTo(45));
    expect(run.publishedIndex()).toBe(45);
  });

  it('a publication sends nothing when nothing is due', async () => {
    const run = runInMemory();
    await publishDue(run.dependencies, 'run', 5);
    expect(await publishDue(run.dependencies, 'run', 5)).toBe(0);
    expect(await publishDue(run.dependencies, 'run', 3)).toBe(0);
    expect(run.topic).toEqual(upTo(5));
  });

  it('a publication does nothing for a released run, and never mistakes a known run for a released one', async () => {
    const run = runInMemory();
    const dependencies = {
      ...run.dependencies,
      store: { ...run.dependencies.store, readProgress: async () => null },
    };
    expect(await publishDue(dependencies, 'long gone', 3)).toBe(0);
    await expect(publishDue(dependencies, 'run', 3)).rejects.toThrow(/progress of run run is missing/);
    await expect(publishDue(dependencies, 'replaced', 3)).rejects.toThrow(
      /progress of run replaced is missing/,
    );
  });

  it('a publication records for each day its number of sales and the times of request and pick-up', async () => {
    const run = runInMemory();
    const clicks = new Map([[1, { requestedAt: 'then', traceparent: 'trace' }]]);
    const times = ['picked up', 'first published', 'second published'];
    await publishDue({ ...run.dependencies, now: () => times.shift() ?? '' }, 'run', 1, clicks);
    const pickedUpAt = 'picked up';
    expect(run.recorded).toMatchObject([
      { dayIndex: 0, dayTotal: 1, requestedAt: null, pickedUpAt, publishedAt: 'first published' },
      { dayIndex: 1, dayTotal: 1, requestedAt: 'then', pickedUpAt, publishedAt: 'second published' },
    ]);
  });

  it('a publication recovers from every crash: each day arrives, and none before its predecessors', async () => {
    const crashes = fc.array(fc.record({ upTo: fc.nat(DAYS - 1), steps: fc.nat(150) }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(crashes, fc.nat(DAYS - 1), async (attempts, last) => {
        const run = runInMemory();
        let accepted = last;
        for (const { upTo: index, steps } of attempts) {
          run.crashAfter(steps);
          await publishDue(run.dependencies, 'run', index).catch((error) =>
            expect(error).toBeInstanceOf(Crash),
          );
          accepted = Math.max(accepted, index);
        }
        run.crashAfter(Number.POSITIVE_INFINITY);
        await publishDue(run.dependencies, 'run', accepted);
        expect(firstOccurrences(run.topic)).toEqual(upTo(accepted));
      }),
    );
  });

  it('concurrent publishers keep the order of days', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.nat(DAYS - 1), { minLength: 2, maxLength: 4 }),
        async (s, targets) => {
          const run = runInMemory();
          const publishDay = s.scheduleFunction(run.dependencies.publishDay);
          const readProgress = s.scheduleFunction(run.dependencies.store.readProgress);
          const dependencies = {
            ...run.dependencies,
            publishDay,
            store: { ...run.dependencies.store, readProgress },
          };
          const publishers = Promise.all(targets.map((target) => publishDue(dependencies, 'run', target)));
          await s.waitFor(publishers);
          expect(firstOccurrences(run.topic)).toEqual(upTo(Math.max(...targets)));
        },
      ),
      { numRuns: 30 },
    );
  });
});
