import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { randomStream } from '../../../data/generator/random-stream.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { type PostAnswer, postInParallel } from '../../support/parallel-posts.ts';
import { expectedEventIds, keysOutOfOrder, storedEvents } from '../../support/sets.ts';
import { type RunningSystem, startSystem } from '../../support/system.ts';

/** `npm run rtm -- test:clicks` plays the entire calendar: 73,100 sales, which take minutes on a busy machine. */
const FULL = process.env.FULL_CLICKS === '1';
const [CLICKS, DAYS] = FULL ? [10_000, 731] : [1_500, 60];

const NEXT_DAY = '/simulation/next-day';
const STORED_WITHIN_MS = FULL ? 1_200_000 : 240_000;
const WITHIN_MS = STORED_WITHIN_MS + (FULL ? 600_000 : 120_000);

const acceptedSchema = z.object({ run_id: z.uuid(), day_index: z.int(), days: z.int() });
type Accepted = z.infer<typeof acceptedSchema>;

let system: RunningSystem;
afterEach(() => system?.stop());

/** The host has its own process, and with it a separate limit of connections. */
async function startWith(days: number): Promise<void> {
  system = await startSystem({ days, ownProcess: true });
}

function acceptedOf(answers: readonly PostAnswer[]): Accepted[] {
  return answers.filter(({ status }) => status === 200).map(({ body }) => acceptedSchema.parse(body));
}

/** Status and code of all rejected requests, each once. */
function refusalsOf(answers: readonly PostAnswer[]): string[] {
  const refused = answers.filter(({ status }) => status !== 200);
  const texts = refused.map(({ status, contentType, body }) => {
    const { code } = z.looseObject({ code: z.string() }).parse(body);
    return `${status} ${contentType.split(';')[0]} ${code}`;
  });
  return [...new Set(texts)].sort();
}

/** The days that were advanced, by index, in ascending order. */
function daysTaken(clicks: readonly Accepted[]): number[] {
  const days = clicks.flatMap(({ day_index, days: count }) =>
    Array.from({ length: count }, (_, back) => day_index - back),
  );
  return days.sort((a, b) => a - b);
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Waits until a run is stored, and compares it with the data set: nothing lost, nothing doubled, each key in order. */
async function expectStored(runId: string, days: number): Promise<void> {
  const { pool } = system;
  const count = async () => {
    const sql = 'SELECT COUNT(*) AS count FROM kafka_events WHERE run_id = ?';
    return (await select<{ count: number }>(pool, sql, [runId]))[0]?.count;
  };
  await expect.poll(count, { timeout: STORED_WITHIN_MS, interval: 250 }).toBe(days * 100);
  const calendar = await select<{ date: string }>(pool, 'SELECT date FROM calendar ORDER BY date');
  const dates = calendar.map(({ date }) => date);
  const stored = await storedEvents(pool, runId);
  const ids = new Set(stored.map(({ event_id }) => event_id));
  expect(stored).toHaveLength(ids.size);
  expect(ids).toEqual(await expectedEventIds(pool, runId, dates, days - 1));
  expect(keysOutOfOrder(stored)).toEqual([]);
}

test(
  `${CLICKS} simultaneous clicks on ${DAYS} days advance exactly ${DAYS} days, and every sale is stored once`,
  async () => {
    await startWith(DAYS);
    const answers = await postInParallel(
      system.url,
      Array.from({ length: CLICKS }, () => NEXT_DAY),
    );
    const accepted = acceptedOf(answers);
    expect(daysTaken(accepted)).toEqual(upTo(DAYS));
    expect(refusalsOf(answers)).toEqual(['400 application/problem+json all_days_completed']);
    const [runId, ...others] = new Set(accepted.map(({ run_id }) => run_id));
    expect(others).toEqual([]);
    await expectStored(runId ?? '', DAYS);
  },
  WITHIN_MS,
);

test(
  'simultaneous clicks for several days each share the days without gap or overlap',
  async () => {
    await startWith(50);
    const random = randomStream(1, 'clicks');
    const paths = Array.from({ length: 500 }, () => `${NEXT_DAY}?days=${random.integer(1, 9)}`);
    const answers = await postInParallel(system.url, paths);
    const accepted = acceptedOf(answers);
    expect(daysTaken(accepted)).toEqual(upTo(50));
    expect(refusalsOf(answers)).toEqual(['400 application/problem+json all_days_completed']);
    await expectStored(accepted[0]?.run_id ?? '', 50);
  },
  WITHIN_MS,
);

test(
  'resets among the clicks start other runs, and each accepted day is stored under its own run',
  async () => {
    await startWith(12);
    const random = randomStream(2, 'clicks');
    const paths = Array.from({ length: 200 }, (_, index) =>
      index % 50 === 49 ? '/simulation/reset' : `${NEXT_DAY}?days=${random.integer(1, 3)}`,
    );
    const answers = await postInParallel(system.url, paths);
    const clicks = answers.filter((_, index) => index % 50 !== 49);
    const resets = answers.filter((_, index) => index % 50 === 49);
    expect(new Set(resets.map(({ status }) => status))).toEqual(new Set([200]));
    const allowed = [
      '400 application/problem+json all_days_completed',
      '409 application/problem+json run_replaced',
    ];
    expect(allowed).toEqual(expect.arrayContaining(refusalsOf(clicks)));
    const runs = Map.groupBy(acceptedOf(clicks), ({ run_id }) => run_id);
    for (const [runId, accepted] of runs) {
      const days = daysTaken(accepted);
      expect(days).toEqual(upTo(days.length));
      await expectStored(runId, days.length);
    }
  },
  WITHIN_MS,
);
