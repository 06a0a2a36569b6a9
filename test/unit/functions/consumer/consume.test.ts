import { expect, test } from 'vitest';
import { type ConsumerDependencies, consume } from '../../../../functions/consumer/consume.ts';
import type { Batch, Stored } from '../../../../functions/consumer/event-writer.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import type { ReceivedDay } from '../../../../shared/simulation/store.ts';
import { saleEvent } from '../../../support/sale-events.ts';

const RUN = '11111111-1111-4111-8111-111111111111';
const OTHER_RUN = '22222222-2222-4222-8222-222222222222';

function record(offset: number, value: string) {
  return {
    topic: 'sales-events',
    partition: 0,
    offset,
    timestamp: 0,
    key: '',
    value: Buffer.from(value).toString('base64'),
    headers: [],
  };
}

/** The days reported for a batch with one sale per day, given the number of stored sales per day afterwards. */
async function reported(received: Readonly<Record<string, Readonly<Record<number, number>>>>) {
  const days: Stored['days'] = Object.entries(received).flatMap(([runId, ofRun]) =>
    Object.entries(ofRun).map(([day, count]) => ({ runId, dayIndex: Number(day), received: count })),
  );
  const records = days.map(({ runId, dayIndex }, offset) =>
    record(offset, JSON.stringify(saleEvent({ run_id: runId, day_index: dayIndex, day_total: 100 }))),
  );
  const told: [string, Pick<ReceivedDay, 'dayIndex' | 'received'>][] = [];
  await consume(
    {
      storeBatch: async () => ({ inserted: days.length, days, heads: [] }),
      store: {
        raiseHead: async () => {},
        raiseDaysReceived: async (runId, days) => {
          for (const { dayIndex, received } of days) told.push([runId, { dayIndex, received }]);
        },
      },
      now: () => '2026-01-01T00:00:00.000Z',
      log: createLogger('test'),
    },
    { records: { 'sales-events-0': records } },
  );
  return told;
}

test('every day that a batch completes is reported', async () => {
  expect(await reported({ [RUN]: { 3: 100, 4: 100, 5: 100 } })).toEqual([
    [RUN, { dayIndex: 3, received: 100 }],
    [RUN, { dayIndex: 4, received: 100 }],
    [RUN, { dayIndex: 5, received: 100 }],
  ]);
});

test('the newest day of each run is reported while its sales arrive, older days once they are complete', async () => {
  const told = await reported({ [RUN]: { 3: 60, 4: 100, 5: 1 }, [OTHER_RUN]: { 0: 7, 1: 2 } });
  expect(told).toEqual([
    [RUN, { dayIndex: 4, received: 100 }],
    [RUN, { dayIndex: 5, received: 1 }],
    [OTHER_RUN, { dayIndex: 1, received: 2 }],
  ]);
});

/** Sales of 731 days, each message of a day of its own. */
function backlog(count: number): ReturnType<typeof record>[] {
  return Array.from({ length: count }, (_, offset) =>
    record(
      offset,
      JSON.stringify(saleEvent({ run_id: RUN, day_index: offset % 731, product_id: `P${offset}` })),
    ),
  );
}

type Lines = { level: string; message: string; fields: unknown }[];

/** Consumes records with a storage of the test's own. */
async function consumeWith(
  storeBatch: ConsumerDependencies['storeBatch'],
  records: readonly unknown[],
  lines: Lines = [],
): Promise<string[]> {
  const told: string[] = [];
  const write = (level: string) => (message: string, fields: unknown) => {
    lines.push({ level, message, fields });
  };
  await consume(
    {
      storeBatch,
      store: {
        raiseHead: async (_, head) => void told.push(`head ${head}`),
        raiseDaysReceived: async (_, days) => void told.push(`${days.length} days`),
      },
      now: () => '2026-01-01T00:00:00.000Z',
      log: Object.assign(createLogger('test'), { info: write('info'), error: write('error') }),
    },
    { records: { 'sales-events-0': records } },
  );
  return told;
}

const NOTHING_COUNTED: Stored = { inserted: 0, days: [], heads: [] };

test('a backlog is stored in order, a thousand records at a time, and counted and reported once', async () => {
  const calls: { stored: number[]; counted: number }[] = [];
  const lines: Lines = [];
  const storeBatch = async (batch: Batch, counted: Batch['events']): Promise<Stored> => {
    const stored = batch.events.map(({ event }) => Number(event.product_id.slice(1)));
    calls.push({ stored, counted: counted.length });
    const days = counted.length > 0 ? [{ runId: RUN, dayIndex: 5, received: 4 }] : [];
    const heads = counted.length > 0 ? [{ runId: RUN, headId: 2_500 }] : [];
    return { inserted: stored.length - 1, days, heads };
  };
  expect(await consumeWith(storeBatch, backlog(2_500), lines)).toEqual(['head 2500', '1 days']);
  expect(calls.map(({ stored, counted }) => [stored.length, counted])).toEqual([
    [1_000, 0],
    [1_000, 0],
    [500, 2_500],
  ]);
  expect(calls.flatMap(({ stored }) => stored)).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  expect(lines.map(({ fields }) => fields)).toEqual([
    { trace_id: null, events: 2_500, days: 731, new_rows_of_batch: 2_497 },
  ]);
});

test('the next records are read while these are stored', async () => {
  const records = [...backlog(1_000), record(1_000, 'no sale')];
  const lines: Lines = [];
  const order: string[] = [];
  const storeBatch = async (batch: Batch): Promise<Stored> => {
    order.push(`begins with ${batch.events.length} sales, ${lines.length} dead letters read`);
    // Ends only once the record after these has been read.
    if (batch.events.length > 0) await expect.poll(() => lines.length).toBe(1);
    return NOTHING_COUNTED;
  };
  await consumeWith(storeBatch, records, lines);
  expect(order).toEqual([
    'begins with 1000 sales, 0 dead letters read',
    'begins with 0 sales, 1 dead letters read',
  ]);
});

test('after records that can’t be stored nothing more is stored or reported', async () => {
  const sizes: number[] = [];
  const storeBatch = async (batch: Batch): Promise<Stored> => {
    sizes.push(batch.events.length);
    if (sizes.length === 2) throw new Error('no connection');
    return NOTHING_COUNTED;
  };
  await expect(consumeWith(storeBatch, backlog(3_500))).rejects.toThrow('no connection');
  expect(sizes).toEqual([1_000, 1_000]);
});
