import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { analyticsApi } from '../../../../functions/analytics/api.ts';
import { createApiHandler } from '../../../../shared/http/api-handler.ts';
import { dayKeys } from '../../../../shared/simulation/days.ts';
import { readCache } from '../../../../shared/simulation/read-cache.ts';
import { openSimulationStore, type SimulationStore } from '../../../../shared/simulation/store.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { goldenHistory } from '../../../support/golden-history.ts';
import { freshStoreWithClient } from '../../../support/stores.ts';

const DATES = ['2022-01-01', '2022-01-02', '2022-01-03'];
const history = goldenHistory();
const at = (milliseconds: number) => new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString();

let store: SimulationStore;
let runId: string;
/** Removes the item of a day, as its time to live does. */
let expire: (dayIndex: number) => Promise<unknown>;
let daysOf: ReturnType<typeof startProcess>;

/** What the other routes of the function read. */
const unused = {
  summary: async () => [],
  dataSet: async () => null,
  missingColumns: async () => [],
  ranking: { dayTotals: async () => [], trend: async () => [] },
  findings: () => Promise.reject(new Error('not asked for')),
};

/** A process of the function that has just started. */
function startProcess() {
  const handler = createApiHandler({
    routes: analyticsApi({ history, store, ...unused }),
    log: recordingLog().log,
  });
  return (run: string) =>
    ask(handler, {
      ...apiEvent(`GET /simulation/runs/${run}/days`),
      routeKey: 'GET /simulation/runs/{run_id}/days',
      pathParameters: { run_id: run },
    });
}

function publish(dayIndex: number, publishedAt: string): Promise<void> {
  return store.recordPublishedDay(runId, {
    dayIndex,
    date: DATES[dayIndex] ?? '',
    dayTotal: 100,
    pickedUpAt: at(20),
    publishedAt,
    requestedAt: at(0),
  });
}

function receive(dayIndex: number, received: number): Promise<void> {
  return store.raiseDayReceived(runId, {
    dayIndex,
    date: DATES[dayIndex] ?? '',
    received,
    dayTotal: 100,
    at: at(90),
  });
}

beforeEach(async () => {
  const fresh = await freshStoreWithClient();
  store = fresh.store;
  await store.register({ dates: DATES });
  await store.advanceDays(3, { requestedAt: at(0), traceparent: '' });
  runId = (await store.readState())?.runId ?? '';
  expire = async (dayIndex) => {
    for (const key of dayKeys(runId, dayIndex))
      await fresh.client.send(new DeleteCommand({ TableName: 'simulation', Key: { ...key } }));
  };
  daysOf = startProcess();
});

describe('the days of a run', () => {
  it('the days of a run are found whatever the case of its id', async () => {
    await publish(0, at(50));
    const { json } = await daysOf(runId.toUpperCase());
    expect(json).toMatchObject({ run_id: runId, days: [{ day_index: 0 }] });
  });

  it('the days of a run are what the pipeline recorded, in ascending order', async () => {
    await publish(1, at(60));
    await publish(0, at(50));
    await receive(0, 40);
    expect((await daysOf(runId)).json).toMatchObject({
      run_id: runId,
      days: [
        { day_index: 0, date: '2022-01-01', day_total: 100, day_received: 40, published_at: at(50) },
        { day_index: 1, date: '2022-01-02', day_received: 0, requested_at: at(0), completed_at: null },
      ],
    });
  });

  it('a complete day may still change, and every process sees the change at once', async () => {
    const processes = [daysOf, startProcess()];
    const seen = async () => {
      const answers = await Promise.all(processes.map((days) => days(runId)));
      expect(answers[1]?.json).toEqual(answers[0]?.json);
      return answers[0]?.json.days;
    };
    // Stored before the producer could note that it had published the day.
    await receive(0, 100);
    expect(await seen()).toMatchObject([{ published_at: null, completed_at: at(90) }]);
    await publish(0, at(50));
    expect(await seen()).toMatchObject([{ published_at: at(50), published_again_at: null }]);
    // By a publisher that was slower, or the reconciliation.
    await publish(0, at(200));
    expect(await seen()).toMatchObject([{ published_at: at(50), published_again_at: at(200) }]);
  });

  it('each run has its own days, which are unknown once the items of a replaced run have expired', async () => {
    await publish(0, at(50));
    await receive(0, 100);
    await store.reset();
    const replacing = (await store.readState())?.runId ?? '';
    expect((await daysOf(replacing)).json.days).toEqual([]);
    expect((await daysOf(runId)).json.days).toHaveLength(1);
    await expire(0);
    expect((await daysOf(runId)).statusCode).toBe(404);
  });
});

describe('the days of a run that a process keeps until the table is written to', () => {
  let writes: number;
  let reads: number;
  let answers: unknown[];

  beforeEach(async () => {
    writes = 0;
    reads = 0;
    answers = [];
    const { client, incrementClient } = await freshStoreWithClient();
    const cache = readCache(() => writes);
    store = openSimulationStore({
      tableName: 'simulation',
      client,
      incrementClient,
      reads: {
        read: (key, read) =>
          cache.read(key, () => {
            reads += 1;
            return read();
          }),
      },
    });
    const { readDays } = store;
    store = {
      ...store,
      readDays: async (...of) => {
        const days = await readDays(...of);
        answers.push(days);
        return days;
      },
    };
    await store.register({ dates: DATES });
    await written(store.advanceDays(3, { requestedAt: at(0), traceparent: '' }));
    runId = (await store.readState())?.runId ?? '';
    expire = async (dayIndex) => {
      for (const key of dayKeys(runId, dayIndex))
        await client.send(new DeleteCommand({ TableName: 'simulation', Key: { ...key } }));
    };
    daysOf = startProcess();
  });

  /** Waits for a write, and counts it as the host does. */
  async function written<Result>(write: Promise<Result>): Promise<Result> {
    const result = await write;
    writes += 1;
    return result;
  }

  it('days that were kept are read and made once, and answered alike', async () => {
    await written(publish(0, at(50)));
    const before = reads;
    const first = await daysOf(runId);
    const second = await daysOf(runId);
    expect(second.json).toEqual(first.json);
    expect(second.json.days).toMatchObject([{ day_index: 0 }]);
    expect(reads).toBe(before + 1);
    expect(answers[1]).toBe(answers[0]);
  });

  it('the answer after each write has the write: received, completed, published again, another day', async () => {
    await written(publish(0, at(50)));
    expect((await daysOf(runId)).json.days).toMatchObject([{ day_received: 0, completed_at: null }]);
    await written(receive(0, 40));
    expect((await daysOf(runId)).json.days).toMatchObject([{ day_received: 40, completed_at: null }]);
    await written(receive(0, 100));
    expect((await daysOf(runId)).json.days).toMatchObject([{ day_received: 100, completed_at: at(90) }]);
    await written(publish(0, at(200)));
    expect((await daysOf(runId)).json.days).toMatchObject([{ published_again_at: at(200) }]);
    await written(publish(1, at(210)));
    expect((await daysOf(runId)).json.days).toMatchObject([{ day_index: 0 }, { day_index: 1 }]);
  });

  it('a reset, another data set and the end of a replaced run are shown by the next answer', async () => {
    await written(publish(0, at(50)));
    expect((await daysOf(runId)).json.days).toHaveLength(1);
    await written(store.reset());
    const second = (await store.readState())?.runId ?? '';
    expect((await daysOf(second)).json).toEqual({ run_id: second, days: [] });
    expect((await daysOf(runId)).json).toMatchObject({ run_id: runId, days: [{ day_index: 0 }] });
    await written(store.register({ dates: DATES.slice(0, 2) }));
    const third = (await store.readState())?.runId ?? '';
    expect((await daysOf(third)).json).toEqual({ run_id: third, days: [] });
    await written(expire(0));
    expect((await daysOf(runId)).statusCode).toBe(404);
  });
});
