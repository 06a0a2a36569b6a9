import { expect, test } from 'vitest';
import { consume } from '../../../../functions/consumer/consume.ts';
import type { Stored } from '../../../../functions/consumer/event-writer.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import type { ReceivedDay } from '../../../../shared/simulation/store.ts';
import { saleEvent } from '../../../support/sale-events.ts';

const RUN = '11111111-1111-4111-8111-111111111111';
const OTHER_RUN = '22222222-2222-4222-8222-222222222222';

/** The days reported for a batch with one sale per day, given the number of stored sales per day afterwards. */
async function reported(received: Readonly<Record<string, Readonly<Record<number, number>>>>) {
  const days: Stored['days'] = Object.entries(received).flatMap(([runId, ofRun]) =>
    Object.entries(ofRun).map(([day, count]) => ({ runId, dayIndex: Number(day), received: count })),
  );
  const records = days.map(({ runId, dayIndex }, offset) => ({
    topic: 'sales-events',
    partition: 0,
    offset,
    timestamp: 0,
    key: '',
    value: Buffer.from(
      JSON.stringify(saleEvent({ run_id: runId, day_index: dayIndex, day_total: 100 })),
    ).toString('base64'),
    headers: [],
  }));
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
