import { describe, expect, it } from 'vitest';
import { acceptedRunEvent, acceptedRuns } from '../../../../functions/producer/produce.ts';

function record(run: string, day: number, before: { run: string; day: number } | null, at = `at ${day}`) {
  const image = (runId: string, dayIndex: number) => ({
    run_id: { S: runId },
    day_index: { N: String(dayIndex) },
  });
  return {
    eventName: 'MODIFY',
    dynamodb: {
      NewImage: { ...image(run, day), requested_at: { S: at }, traceparent: { S: `trace ${at}` } },
      ...(before ? { OldImage: image(before.run, before.day) } : {}),
    },
  };
}

function accepted(...records: ReturnType<typeof record>[]) {
  return acceptedRuns(acceptedRunEvent.parse({ Records: records }));
}

describe('a batch of stream records', () => {
  it('a batch of stream records yields the last accepted day of each run', () => {
    const runs = accepted(
      record('a', 0, { run: 'a', day: -1 }),
      record('a', 2, { run: 'a', day: 0 }),
      record('b', 0, { run: 'b', day: -1 }),
    );
    expect(runs.map(({ runId, acceptedIndex }) => [runId, acceptedIndex])).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
  });

  it('every day is mapped to the click that accepted it, even if one click accepted several', () => {
    const [run] = accepted(record('a', 0, { run: 'a', day: -1 }), record('a', 3, { run: 'a', day: 0 }));
    expect([...(run?.requests ?? [])].map(([day, { requestedAt }]) => [day, requestedAt])).toEqual([
      [0, 'at 0'],
      [1, 'at 3'],
      [2, 'at 3'],
      [3, 'at 3'],
    ]);
  });

  it('the days of the run that was replaced are not mapped to the click', () => {
    const [run] = accepted(record('b', 1, { run: 'a', day: 700 }));
    expect([...(run?.requests.keys() ?? [])]).toEqual([1]);
  });

  it('a change that accepted no day is not mapped to any click', () => {
    const [run] = accepted(record('a', 4, { run: 'a', day: 4 }));
    expect(run?.acceptedIndex).toBe(4);
    expect(run?.requests.size).toBe(0);
  });
});
