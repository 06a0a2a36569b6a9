import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settle } from '../../../support/fake-clock.ts';
import { liveStreamOnFakes } from '../../../support/live-stage.ts';
import { type ShownStatus, type SseClient, sseClient } from '../../../support/sse-client.ts';

/**
 * Whatever happens, in any order: every viewer ends with the events of the run, each once and in order, and no status
 * counts a sale that a viewer following the stream has not received.
 */

const VIEWERS = 4;

const kind = <Kind extends string>(name: Kind) => fc.constant(name);
const viewer = fc.nat(VIEWERS - 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kind('commit'), count: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('commit for an earlier day'),
      daysAgo: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('commit for the run before'), count: fc.constant(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('next day') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('reset') }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('report head') }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('report count') }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('wait'), ms: fc.constantFrom(0, 20, 60, 300, 1_100) }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('connect'), viewer }) },
  { weight: 8, arbitrary: fc.record({ kind: kind('read'), viewer, chunks: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('break off'), viewer }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('fail'), what: fc.constantFrom('store', 'feed') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('recover') }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Small enough that pages, the log and buffers overflow all the time. */
const TIMINGS = { pageSize: 3, logBytes: 4_000, catchUpBytes: 3_000, viewerBufferBytes: 500 };

function openStage() {
  const stage = liveStreamOnFakes({ timings: TIMINGS });
  const { world, clock } = stage;
  const clients = Array.from({ length: VIEWERS }, () => sseClient(expectItsSales));
  const clientOf = (index: number) => clients[index] ?? sseClient();

  /** The status that greets a viewer may count sales that are still on their way to it. */
  function expectItsSales(status: ShownStatus, client: SseClient): void {
    const order = [client.lastStatus()?.run_id, status.run_id].map((id) => world.runIds().indexOf(id ?? ''));
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    if (status.run_id !== world.runIds().at(-1) || !client.trace().includes('sale')) return;
    expect(client.salesOfDay(status.day_index)).toBeGreaterThanOrEqual(status.day_received);
  }

  async function act(action: Step): Promise<void> {
    if (action.kind === 'commit' && world.hasDay()) world.commit(action.count);
    if (action.kind === 'commit for an earlier day' && world.hasDay() && world.dayIndex() >= action.daysAgo)
      world.commit(2, world.dayIndex() - action.daysAgo);
    if (action.kind === 'commit for the run before') world.commitToFormerRun(action.count);
    if (action.kind === 'next day' && world.hasRun()) world.nextDay();
    if (action.kind === 'reset') world.startRun();
    if (action.kind === 'report head' && world.hasRun()) world.reportHead();
    if (action.kind === 'report count' && world.hasDay()) world.reportCount();
    if (action.kind === 'wait') await clock.advance(action.ms);
    if (action.kind === 'connect' && !clientOf(action.viewer).isConnected())
      stage.connect(clientOf(action.viewer));
    if (action.kind === 'read') clientOf(action.viewer).read(action.chunks);
    if (action.kind === 'break off') clientOf(action.viewer).breakOff();
    if (action.kind === 'fail') world.failing[action.what] = true;
    if (action.kind === 'recover') Object.assign(world.failing, { store: false, feed: false });
    await settle();
  }

  async function finish(): Promise<void> {
    Object.assign(world.failing, { store: false, feed: false });
    if (!world.hasRun()) world.startRun();
    if (!world.hasDay()) world.nextDay();
    world.reportHead();
    world.reportCount();
    for (const client of clients.filter((each) => !each.isConnected())) stage.connect(client);
    await stage.quiesce(clients);
    stage.stream.close();
  }

  return { stage, clients, act, finish };
}

test('every viewer ends with exactly the events of the run, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }),
      async (isEarly, steps) => {
        const { stage, clients, act, finish } = openStage();
        if (!isEarly) await act({ kind: 'reset' });
        if (!isEarly) await act({ kind: 'next day' });
        for (const action of steps) await act(action);
        await finish();
        const { world } = stage;
        const expected = world.idsOf(world.runId());
        for (const client of clients) {
          const seen = new Set(client.ids());
          expect(client.ids()).toEqual(expected.filter((id) => seen.has(id)));
          // A viewer that connected without an id began with a day; beside earlier days' sales of that time nothing is missing.
          const { day_index, before_id } = client.opening() ?? { day_index: 0, before_id: 0 };
          const leftOut = expected.filter((id) => id < before_id && world.dayOf(id) < day_index);
          expect(leftOut).toEqual(expect.arrayContaining(expected.filter((id) => !seen.has(id))));
          expect(client.salesOfDay(world.dayIndex())).toBe(world.countOf(world.dayIndex()));
          expect(client.lastStatus()).toMatchObject({
            run_id: world.runId(),
            day_index: world.dayIndex(),
            day_received: world.countOf(world.dayIndex()),
          });
        }
      },
    ),
    { numRuns: 200 },
  );
}, 600_000);
