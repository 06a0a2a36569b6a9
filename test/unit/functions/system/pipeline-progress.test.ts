import { describe, expect, test } from 'vitest';
import {
  pipelineMonitor,
  type RunPosition,
  runPositionReader,
} from '../../../../functions/system/pipeline-progress.ts';
import type { Dependencies, Probe } from '../../../../shared/api/system.ts';
import type { DayProgress, SimulationState } from '../../../../shared/simulation/state.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();
const up: Probe = { status: 'up', latency_ms: 1 };
const down: Probe = { status: 'down', latency_ms: 2_000, error: 'no answer' };

/** A monitor of a run whose position a test sets, and whose clock it moves. */
function monitored(first: RunPosition | null | Error) {
  let [position, seconds] = [first, 0];
  const judge = pipelineMonitor(
    async () => {
      if (position instanceof Error) throw position;
      return position;
    },
    () => START + seconds * 1_000,
  );
  return {
    judgedAt(
      elapsed: number,
      next: RunPosition | null | Error = position,
      without: Partial<Dependencies> = {},
    ) {
      [position, seconds] = [next, elapsed];
      return judge(Promise.resolve({ mysql: up, dynamodb: up, kafka: up, ...without }), 1_000);
    },
  };
}

const waiting: RunPosition = {
  runId: 'run',
  accepted: 3,
  published: 1,
  stored: 1,
  received: 200,
  movedAt: at(0),
};

describe('the pipeline', () => {
  test('a pipeline without a run, or with every accepted day stored, is ok however old', async () => {
    const { judgedAt } = monitored(null);
    expect(await judgedAt(0)).toMatchObject({ status: 'ok', accepted_day: null, step: null });
    const stored = { ...waiting, published: 3, stored: 3 };
    expect(await judgedAt(9_999, stored)).toEqual({
      status: 'ok',
      accepted_day: 3,
      stored_day: 3,
      stalled_for_seconds: 0,
      step: null,
    });
  });

  test('accepted days that wait for 31 s without a movement are a stall, for 30 s not', async () => {
    const { judgedAt } = monitored(waiting);
    expect(await judgedAt(30)).toMatchObject({ status: 'ok', stalled_for_seconds: 30, step: 'producer' });
    expect(await judgedAt(31)).toMatchObject({
      status: 'stalled',
      accepted_day: 3,
      stored_day: 1,
      stalled_for_seconds: 31,
    });
  });

  test('a stall is seen although days are still being accepted', async () => {
    const { judgedAt } = monitored(waiting);
    for (const seconds of [0, 10, 20, 31])
      await judgedAt(seconds, { ...waiting, accepted: 3 + seconds, movedAt: at(seconds) });
    expect(await judgedAt(40, { ...waiting, accepted: 9, movedAt: at(40) })).toMatchObject({
      status: 'stalled',
      stalled_for_seconds: 40,
    });
  });

  test('every movement starts the time again: a published day, a stored sale, another run', async () => {
    const { judgedAt } = monitored(waiting);
    const moving = [
      { ...waiting, published: 2 },
      { ...waiting, published: 2, received: 201 },
      { ...waiting, runId: 'other' },
    ];
    for (const [turn, position] of moving.entries()) {
      const seconds = (turn + 1) * 25;
      expect(await judgedAt(seconds, { ...position, movedAt: at(seconds) })).toMatchObject({
        status: 'ok',
        stalled_for_seconds: 0,
      });
    }
  });

  test('a process that has just started knows the time from the table', async () => {
    const { judgedAt } = monitored(waiting);
    expect(await judgedAt(120)).toMatchObject({ status: 'stalled', stalled_for_seconds: 120 });
  });

  test('a click after hours of rest is no stall', async () => {
    const { judgedAt } = monitored({ ...waiting, published: 3, stored: 3 });
    await judgedAt(0);
    const clicked = { ...waiting, accepted: 4, published: 3, stored: 3, movedAt: at(7_200) };
    expect(await judgedAt(7_203, clicked)).toMatchObject({ status: 'ok', stalled_for_seconds: 3 });
  });

  test.each([
    ['the producer if days are not published', waiting, {}, 'producer'],
    ['the consumer if published days are not stored', { ...waiting, published: 3 }, {}, 'consumer'],
    ['the consumer if an earlier day is not stored', { ...waiting, stored: 0 }, {}, 'consumer'],
    ['Kafka if it is down', waiting, { kafka: down }, 'kafka'],
    ['MySQL if it is down', { ...waiting, published: 3 }, { mysql: down }, 'mysql'],
    ['DynamoDB if it is down', waiting, { dynamodb: down, mysql: down }, 'dynamodb'],
  ] as const)('a stall names %s', async (_case, position, without, step) => {
    const { judgedAt } = monitored(position);
    expect(await judgedAt(31, position, without)).toMatchObject({ status: 'stalled', step });
  });

  test('an unreadable table is named, and a stall after 30 s', async () => {
    const { judgedAt } = monitored(new Error('down'));
    expect(await judgedAt(0)).toMatchObject({ status: 'ok', accepted_day: null, step: 'dynamodb' });
    expect(await judgedAt(31)).toMatchObject({ status: 'stalled', stalled_for_seconds: 31 });
    expect(await judgedAt(32, waiting)).toMatchObject({ accepted_day: 3 });
    expect(await judgedAt(40, new Error('down'))).toMatchObject({ status: 'ok', stalled_for_seconds: 0 });
  });

  test('a table that never answers is named after the deadline instead of being waited for', async () => {
    const judge = pipelineMonitor(
      () => new Promise<never>(() => {}),
      () => START,
    );
    const dependencies = Promise.resolve({ mysql: up, dynamodb: down, kafka: up });
    expect(await judge(dependencies, 10)).toMatchObject({ accepted_day: null, step: 'dynamodb' });
  });
});

describe('the position of a run', () => {
  const state: SimulationState = {
    runId: 'run',
    calendarId: 'calendar',
    dayIndex: 3,
    lastIndex: 9,
    daysLeft: 6,
    requestedAt: at(5),
    traceparent: null,
    retired: {},
  };
  const day = (dayIndex: number, completedAt: string | null): DayProgress => ({
    dayIndex,
    date: '2022-01-01',
    dayTotal: 100,
    dayReceived: completedAt ? 100 : 40,
    requestedAt: null,
    pickedUpAt: null,
    publishedAt: at(6),
    publishedAgainAt: null,
    completedAt,
  });
  const store = (days: DayProgress[], current: SimulationState | null = state) => ({
    readState: async () => current,
    readProgress: async () => ({ runId: 'run', calendarId: 'calendar', publishedIndex: 2, headId: 0 }),
    readDays: async () => days,
  });

  test('the stored day is the last before a gap, and the last movement the latest time of any day', async () => {
    const days = [day(0, at(7)), day(1, null), day(2, at(9))];
    expect(await runPositionReader(store(days))()).toEqual({
      runId: 'run',
      accepted: 3,
      published: 2,
      stored: 0,
      received: 240,
      movedAt: at(9),
    });
  });

  test('a day that was never recorded is a gap', async () => {
    expect(await runPositionReader(store([day(1, at(7))]))()).toMatchObject({ stored: -1 });
    expect(await runPositionReader(store([]))()).toMatchObject({ stored: -1, movedAt: at(5) });
  });

  test('days that were stored are read once, and count in every later position of their run', async () => {
    const days = [day(0, at(7)), day(1, at(9)), day(2, null)];
    let current = state;
    const readFrom: (number | undefined)[] = [];
    const read = runPositionReader({
      ...store([]),
      readState: async () => current,
      readDays: async (_runId, from = 0) => {
        readFrom.push(from);
        return days.slice(from);
      },
    });
    expect(await read()).toMatchObject({ stored: 1, received: 240, movedAt: at(9) });
    days[2] = day(2, at(8));
    expect(await read()).toMatchObject({ stored: 2, received: 300, movedAt: at(9) });
    expect(await read()).toMatchObject({ stored: 2, received: 300, movedAt: at(9) });
    current = { ...state, runId: 'another' };
    days.splice(0, 3, day(0, at(12)));
    expect(await read()).toMatchObject({ runId: 'another', stored: 0, received: 100, movedAt: at(12) });
    expect(readFrom).toEqual([0, 2, 3, 0]);
  });

  test('without a run there is no position', async () => {
    expect(await runPositionReader(store([], null))()).toBeNull();
  });
});
