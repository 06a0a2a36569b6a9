import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOADING_SESSION, runEtl } from '../../../../functions/etl/etl.ts';
import { optimizeApi } from '../../../../functions/optimize/api.ts';
import { insertTrials, selectTrials, trialsStatement } from '../../../../functions/optimize/stored-trials.ts';
import { openDataset } from '../../../../shared/dataset/open-dataset.ts';
import { optimizeMovingAverage } from '../../../../shared/forecast/demand-optimization.ts';
import { historyReader } from '../../../../shared/history/product-history.ts';
import { type ApiFunction, createApiHandler } from '../../../../shared/http/api-handler.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import type { SimulationStore } from '../../../../shared/simulation/store.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { GOLDEN_DATA_SET, readRecorded } from '../../../support/golden-history.ts';
import { freshDatabase, freshStore } from '../../../support/stores.ts';

/** The original compared ids without regard to case, forgot the store without a product, and failed below 0. */
const FLAWED = /product_id=p0001|\?store_id=S\d+$|limit=-1/;

let pool: Pool;
/** A single connection, so that its session counts all statements of the function. */
let functionPool: Pool;
let store: SimulationStore;
let handler: ApiFunction;

const request = (target: string) => ask(handler, apiEvent(target));
const history = (query = '') => request(`GET /optimize/history?${query}`);

async function counted(name: 'Com_insert' | 'Com_select'): Promise<number> {
  const [status] = await select<{ Value: string }>(functionPool, `SHOW SESSION STATUS LIKE '${name}'`);
  return Number(status?.Value);
}

async function countTrials(): Promise<number> {
  const [row] = await select<{ trials: number }>(pool, 'SELECT COUNT(*) AS trials FROM optuna_trials');
  return Number(row?.trials);
}

beforeAll(async () => {
  const database = await freshDatabase();
  pool = database.open({ session: LOADING_SESSION });
  functionPool = database.open({ connectionLimit: 1 });
  store = await freshStore();
  const log = { info: () => {} };
  await runEtl(
    { pool, store, log, now: () => performance.now() },
    openDataset({ kind: 'file', path: GOLDEN_DATA_SET }),
  );
  handler = createApiHandler({
    routes: optimizeApi({
      history: historyReader(functionPool, () => performance.now()),
      store,
      trials: {
        insert: (runId, study) => insertTrials(functionPool, runId, study),
        newest: (filter) => selectTrials(functionPool, filter),
      },
    }),
    log: recordingLog().log,
  });
});
beforeEach(() => pool.query('TRUNCATE TABLE optuna_trials'));
afterAll(() => Promise.all([pool.end(), functionPool.end()]));

describe('the recorded answers', () => {
  it('searches from MySQL equal the recorded answers in each field, digit and field order', async () => {
    const recorded = readRecorded('optimize_demand');
    for (const { request: target, status, body } of recorded) {
      const { statusCode, json } = await request(target);
      expect(statusCode, target).toBe(status);
      if (status === 200) expect(JSON.stringify(json), target).toBe(JSON.stringify(body));
      else expect(json, target).toMatchObject(body);
    }
    expect(recorded).toHaveLength(44);
  });

  it('the history equals the recorded answers except for their flaws', async () => {
    for (const pair of [
      'store_id=S001&product_id=P0001',
      'store_id=S001&product_id=P0002',
      'store_id=S002&product_id=P0001',
    ]) {
      expect((await request(`POST /optimize/demand?${pair}&n_trials=5&day=30`)).statusCode).toBe(200);
    }
    await pool.query("UPDATE optuna_trials SET completed_at = '2026-01-01 00:00:00' + INTERVAL id SECOND");
    const sound = readRecorded('optimize_history').filter(({ request: target }) => !FLAWED.test(target));
    expect(sound.length).toBeGreaterThanOrEqual(13);
    for (const { request: target, status, body } of sound) {
      const { statusCode, body: text } = await request(target);
      expect(statusCode, target).toBe(status);
      const iso = JSON.stringify(body).replace(/(2026-01-01) (\d\d:\d\d:\d\d)/g, '$1T$2.000Z');
      // The run that each trial belongs to has been added since.
      if (status === 200) expect(text.replaceAll(/,"run_id":"[-0-9a-f]{36}"/g, ''), target).toBe(iso);
    }
  });

  it('the flaws of the recorded history are gone', async () => {
    await request('POST /optimize/demand?store_id=S002&product_id=P0001&n_trials=5&day=30');
    expect((await history('store_id=S002')).json).toMatchObject({ total_trials: 5 });
    const none = [
      'store_id=S001',
      'product_id=p0001',
      'product_id=P0001%20',
      'store_id=%20S002',
      'store_id=S002%00',
    ];
    for (const query of none) expect((await history(query)).json.trials, query).toEqual([]);
  });
});

describe('the trials of a search', () => {
  it('the trials of a search are stored by one statement, as returned, with the run', async () => {
    const inserts = await counted('Com_insert');
    const { json } = await request(
      'POST /optimize/demand?store_id=S003&product_id=P0004&n_trials=50&day=365',
    );
    expect((await counted('Com_insert')) - inserts).toBe(1);
    const rows = await select<Record<string, unknown>>(
      pool,
      `SELECT trial_number + 1 AS trial, _window AS 'window', min_periods, trend_window, rmse
         FROM optuna_trials
        WHERE run_id = ? AND study_name = 'S003_P0004' AND store_id = 'S003' AND product_id = 'P0004'
          AND status = 'complete'
        ORDER BY id`,
      [(await store.readState())?.runId],
    );
    expect(rows).toEqual(json.optimization.all_trials);
  });

  it('the trials of a search are stored completely or not at all', async () => {
    const days = Array.from({ length: 30 }, (_, day) => ({
      date: `2022-01-${day + 1}`,
      units_sold: day % 7,
    }));
    const study = optimizeMovingAverage(
      { store_id: 'S001', product_id: 'P0001', analysis_up_to_day: 'all', n_trials: 5 },
      days,
    );
    // The table rejects a window below 0, here the last row's.
    const all_trials = study.optimization.all_trials.map((each) =>
      each.trial === 5 ? { ...each, window: -1 } : each,
    );
    const refused = { ...study, optimization: { ...study.optimization, all_trials } };
    await expect(insertTrials(pool, null, refused)).rejects.toThrow(/_window/);
    expect(await countTrials()).toBe(0);
  });

  it('trials are listed by one query', async () => {
    await request('POST /optimize/demand?store_id=S001&product_id=P0001&n_trials=5');
    const sent = await counted('Com_select');
    await history('store_id=S001&product_id=P0001');
    expect((await counted('Com_select')) - sent).toBe(1);
  });

  it.each(['7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11', null])(
    'the trials of run %s are read in order from an index',
    async (runId) => {
      for (let trials = 0; trials < 4_000; trials += 1_000) {
        const row = ['S001_P0001', 0, 'S001', 'P0001', 3, 1, 5, 1, 'complete'];
        const rows = Array.from({ length: 1_000 }, () => [trials < 3_000 ? randomUUID() : runId, ...row]);
        await pool.query(
          `INSERT INTO optuna_trials (run_id, study_name, trial_number, store_id, product_id, _window, min_periods,
                                    trend_window, rmse, status) VALUES ?`,
          [rows],
        );
      }
      await pool.query('ANALYZE TABLE optuna_trials');
      const filter = { runId, storeId: 'S001', productId: 'P0001', limit: 200 };
      const { sql, values } = trialsStatement(filter);
      const [plan] = await select<{ key: string; Extra: string }>(
        pool,
        `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
        values,
      );
      expect(plan).toMatchObject({ key: 'by_run', Extra: expect.not.stringContaining('filesort') });
      expect(await selectTrials(pool, filter)).toHaveLength(200);
      const indexes = [
        [{ storeId: 'S001', productId: 'P0001' }, 'by_product'],
        [{ storeId: 'S001', productId: undefined }, 'PRIMARY'],
        [{ storeId: undefined, productId: undefined }, 'PRIMARY'],
      ] as const;
      for (const [ids, key] of indexes) {
        const ofAll = trialsStatement({ ...ids, runId: undefined, limit: 200 });
        const [allRuns] = await select<{ Extra: string }>(
          pool,
          `EXPLAIN FORMAT=TRADITIONAL ${ofAll.sql}`,
          ofAll.values,
        );
        expect(allRuns, key).toMatchObject({ key });
        expect(String(allRuns?.Extra)).not.toContain('filesort');
      }
    },
  );

  it('trials of all runs are listed with their run, and a reset forgets none', async () => {
    const first = (await store.readState())?.runId;
    await request('POST /optimize/demand?store_id=S001&product_id=P0001&n_trials=5');
    await store.reset();
    expect((await history()).json).toMatchObject({ total_trials: 5 });
    expect((await history('run_id=current')).json).toMatchObject({
      trials: [],
      message: expect.stringMatching(/^No runs yet/),
    });
    const second = (await store.readState())?.runId;
    await request('POST /optimize/demand?store_id=S001&product_id=P0001&n_trials=6');
    const { json } = await history();
    expect(json.total_trials).toBe(11);
    expect(json.trials.map(({ run_id }: { run_id: string }) => run_id)).toEqual([
      ...Array(6).fill(second),
      ...Array(5).fill(first),
    ]);
    expect((await history('run_id=current')).json).toMatchObject({ total_trials: 6 });
    expect((await history(`run_id=${first}`)).json).toMatchObject({ total_trials: 5 });
    expect((await history(`run_id=${randomUUID()}`)).json.trials).toEqual([]);
  });

  it('trials made before the first init belong to no run', async () => {
    const study = optimizeMovingAverage(
      { store_id: 'S001', product_id: 'P0001', analysis_up_to_day: 'all', n_trials: 5 },
      Array.from({ length: 20 }, (_, day) => ({ date: `2022-01-${day + 1}`, units_sold: day })),
    );
    await insertTrials(pool, null, study);
    const all = { storeId: undefined, productId: undefined, limit: 200 };
    expect(await selectTrials(pool, { ...all, runId: null })).toHaveLength(5);
    expect((await history()).json.trials[0]).toMatchObject({ run_id: null });
    expect((await history('run_id=current')).json.trials).toEqual([]);
  });
});
