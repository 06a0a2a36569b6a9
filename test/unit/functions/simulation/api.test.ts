import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientStore, simulationApi } from '../../../../functions/simulation/api.ts';
import { OutcomeUnknownError, RunContentionError } from '../../../../shared/simulation/dynamodb.ts';
import type { SnapshotHint } from '../../../../shared/simulation/store.ts';
import { apiEvent, apiHandler, ask, jsonEvent, recordingLog } from '../../../support/api-events.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const NOW = new Date('2026-01-01T00:00:00.000Z');

/** Sends requests against an in-memory store; individual methods may be replaced. */
function client(overrides: Partial<ClientStore> = {}) {
  const store = memorySimulationStore();
  const { log, lines } = recordingLog();
  const implementations = simulationApi({ ...store, ...overrides }, () => NOW);
  const handler = apiHandler({ routes: implementations, log });
  return {
    store,
    lines,
    init: (dates: unknown) => ask(handler, jsonEvent('POST /simulation/init', { dates })),
    next: (query = '', headers = {}) =>
      ask(handler, apiEvent(`POST /simulation/next-day${query}`, { headers })),
    reset: () => ask(handler, apiEvent('POST /simulation/reset')),
    total: (total: unknown) => ask(handler, jsonEvent('POST /simulation/day-total', { total })),
    status: async () => (await ask(handler, apiEvent('GET /simulation/status'))).json,
  };
}

/** `count` dates from 2022-01-01 on. */
function days(count: number): string[] {
  const first = Date.UTC(2022, 0, 1);
  return Array.from({ length: count }, (_, i) => new Date(first + i * 86_400_000).toISOString().slice(0, 10));
}

describe('init', () => {
  it('init registers dates and returns their number', async () => {
    const { init, status } = client();
    expect((await init(days(3))).json).toEqual({ status: 'ok', total_days: 3 });
    expect(await status()).toMatchObject({ total_days: 3, day_index: -1, run_id: expect.any(String) });
  });

  it('init keeps the run if the dates are unchanged, and begins a new one otherwise', async () => {
    const { init, next, status } = client();
    await init(days(3));
    await next();
    const { run_id } = await status();
    await init(days(3));
    expect(await status()).toMatchObject({ run_id, day_index: 0 });
    await init(days(4));
    expect(await status()).toMatchObject({ day_index: -1, total_days: 4 });
    expect((await status()).run_id).not.toBe(run_id);
  });

  it('init accepts at most 10,000 dates', async () => {
    const { init } = client();
    expect((await init(days(10_000))).json).toEqual({ status: 'ok', total_days: 10_000 });
    const refused = await init(days(10_001));
    expect(refused.json).toMatchObject({ status: 422, errors: [{ field: 'body.dates' }] });
  });

  it.each([
    ['a text that is not a date', ['2022-01-01', 'tomorrow'], 'body.dates[1]'],
    ['a day that does not exist', ['2022-02-29'], 'body.dates[0]'],
    ['a time', ['2022-01-01T00:00:00Z'], 'body.dates[0]'],
    ['another date format', ['01.01.2022'], 'body.dates[0]'],
    ['a number', ['2022-01-01', 2], 'body.dates[1]'],
    ['null', [null], 'body.dates[0]'],
    ['the same date twice', ['2022-01-01', '2022-01-01'], 'body.dates[1]'],
    ['dates out of order', ['2022-01-01', '2022-01-03', '2022-01-02'], 'body.dates[2]'],
    ['a text in place of the list', '2022-01-01', 'body.dates'],
    ['no list', undefined, 'body.dates'],
  ])('init rejects %s, names its position and changes nothing', async (_what, dates, field) => {
    const { init, status } = client();
    await init(days(2));
    const response = await init(dates);
    expect(response.json).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ field }] });
    expect(await status()).toMatchObject({ total_days: 2 });
  });

  it('init accepts 29 February of a leap year', async () => {
    expect((await client().init(['2024-02-28', '2024-02-29', '2024-03-01'])).statusCode).toBe(200);
  });

  it('init reports a conflict after losing to other callers repeatedly', async () => {
    const register = () => Promise.reject(new RunContentionError());
    expect((await client({ register }).init(days(1))).json).toMatchObject({
      status: 409,
      code: 'run_replaced',
    });
  });
});

describe('next-day', () => {
  it('next-day returns the day, its index, its run and the number of days advanced', async () => {
    const { init, next, status } = client();
    await init(days(5));
    const { run_id } = await status();
    expect((await next()).json).toEqual({
      status: 'ok',
      current_day: '2022-01-01',
      day_index: 0,
      days: 1,
      run_id,
    });
    expect((await next('?days=3')).json).toMatchObject({ current_day: '2022-01-04', day_index: 3, days: 3 });
  });

  it('next-day advances by the remaining days if more are requested, and then by none', async () => {
    const { init, next } = client();
    await init(days(3));
    expect((await next('?days=99999999')).json).toMatchObject({ current_day: '2022-01-03', days: 3 });
    expect((await next()).json).toMatchObject({
      status: 400,
      code: 'all_days_completed',
      detail: 'All days completed. No more data.',
    });
  });

  it.each([[undefined], [[]]])(
    'next-day before there are days (%j) is rejected with the message that existing clients expect',
    async (dates) => {
      const { init, next } = client();
      if (dates) await init(dates);
      expect((await next()).json).toMatchObject({
        status: 400,
        code: 'not_initialized',
        detail: 'Simulation not initialized yet. Wait for producer to start.',
      });
    },
  );

  it.each(['0', '-1', 'x', '1.5', '', '99999999999999999999'])(
    'next-day rejects days=%s and does not advance',
    async (value) => {
      const { init, next, status } = client();
      await init(days(3));
      const response = await next(`?days=${value}`);
      expect(response.json).toMatchObject({ status: 422, errors: [{ field: 'query.days' }] });
      expect(await status()).toMatchObject({ day_index: -1 });
    },
  );

  it('next-day passes the time and trace of the click to the store and logs both ids', async () => {
    const clicks: unknown[] = [];
    const memory = memorySimulationStore();
    const { next, init, lines } = client({
      ...memory,
      advanceDays: (asked, click) => {
        clicks.push(click);
        return memory.advanceDays(asked, click);
      },
    });
    await init(days(2));
    const { json } = await next('', { traceparent: TRACEPARENT });
    expect(clicks).toEqual([{ requestedAt: NOW.toISOString(), traceparent: TRACEPARENT }]);
    const line = lines.find(({ message }) => message === 'days accepted');
    expect(line?.details[0]).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      run_id: json.run_id,
      day_index: 0,
    });
  });

  it('next-day reports an unknown outcome, not a retryable error, if the store’s response was lost', async () => {
    const advance = () => Promise.reject(new OutcomeUnknownError('next-day', new Error('socket hang up')));
    const response = await client({ advanceDays: advance }).next();
    expect(response.json).toMatchObject({ status: 503, code: 'outcome_unknown' });
    expect(response.json.detail).toMatch(/GET \/simulation\/status/);
    expect(response.headers).not.toHaveProperty('retry-after');
  });

  it('an accepted next-day does not appear rejected if reading its date fails', async () => {
    const readCalendar = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    const { init, next } = client({ readCalendar });
    await init(days(2));
    expect((await next()).json).toMatchObject({ status: 503, code: 'outcome_unknown' });
  });

  it('next-day is rejected as a conflict if the run is replaced meanwhile', async () => {
    const advance: ClientStore['advanceDays'] = async () => ({ outcome: 'run_replaced' });
    expect((await client({ advanceDays: advance }).next()).json).toMatchObject({
      status: 409,
      code: 'run_replaced',
    });
  });

  it('next-day may be retried if the store certainly rejected the update', async () => {
    const advance = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    const response = await client({ advanceDays: advance }).next();
    expect(response.json).toMatchObject({ status: 503, code: 'dependency_unavailable' });
    expect(response.headers).toHaveProperty('retry-after');
  });
});

describe('reset', () => {
  it('reset begins a new run before its first day', async () => {
    const { init, next, reset, status } = client();
    await init(days(3));
    await next();
    const { run_id } = await status();
    expect((await reset()).json).toEqual({ status: 'reset' });
    expect(await status()).toMatchObject({
      current_day: null,
      day_index: -1,
      is_running: false,
      is_complete: false,
    });
    expect((await status()).run_id).not.toBe(run_id);
  });

  it('reset ignores its request body', async () => {
    const { log } = recordingLog();
    const implementations = simulationApi(memorySimulationStore(), () => NOW);
    const handler = apiHandler({ routes: implementations, log });
    const event = apiEvent('POST /simulation/reset', { body: '{', headers: { 'content-type': 'x' } });
    expect((await handler(event)).statusCode).toBe(200);
  });
});

describe('day-total', () => {
  it('a posted day total is returned until the producer reports the actual one', async () => {
    const { init, next, total, status, store } = client();
    await init(days(2));
    await next();
    expect((await total(80)).json).toEqual({ status: 'ok' });
    expect(await status()).toMatchObject({ day_total: 80 });
    store.setDay({ dayTotal: 100, dayReceived: 25 });
    expect(await status()).toMatchObject({ day_total: 100, day_received: 25, progress_pct: 25 });
  });

  it.each([-1, 1.5, '100', null, [1], true, undefined])(
    'day-total rejects %j and names the field',
    async (value) => {
      const response = await client().total(value);
      expect(response.json).toMatchObject({ status: 422, errors: [{ field: 'body.total' }] });
    },
  );
});

describe('status', () => {
  it('the status is complete once the last day has begun and all sales are stored', async () => {
    const { init, next, status, store } = client();
    await init(days(1));
    await next();
    expect(await status()).toMatchObject({ is_running: true, is_complete: false });
    store.completeAllDays();
    expect(await status()).toMatchObject({ is_running: true, is_complete: true });
  });

  it('the status passes the run and day of the previous read to the store as a hint', async () => {
    const hints: (SnapshotHint | undefined)[] = [];
    const memory = memorySimulationStore();
    const { init, next, status } = client({
      ...memory,
      readSnapshot: (hint) => {
        hints.push(hint);
        return memory.readSnapshot(hint);
      },
    });
    await status();
    await init(days(2));
    await next();
    const { run_id } = await status();
    await status();
    expect(hints).toEqual([undefined, undefined, expect.objectContaining({ runId: run_id, dayIndex: 0 })]);
  });
});

describe('arbitrary requests', () => {
  it('no sequence of requests makes the simulation inconsistent or causes a 5xx', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constant(days(4)), fc.constant(days(2)));
    const query = fc.oneof(
      fc.string(),
      fc.integer().map((n) => `days=${n}`),
    );
    const step = fc.oneof(
      fc.record({ kind: fc.constant('init' as const), value }),
      fc.record({ kind: fc.constant('total' as const), value }),
      fc.record({ kind: fc.constant('next' as const), value: query }),
      fc.record({ kind: fc.constant('reset' as const), value: fc.constant(null) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { init, next, reset, total, status } = client();
        for (const each of steps) {
          const response = await {
            init: () => init(each.value),
            total: () => total(each.value),
            next: () => next(`?${each.value}`),
            reset,
          }[each.kind]();
          expect(response.statusCode).toBeLessThan(500);
          const { day_index, total_days, is_running } = await status();
          expect(day_index).toBeLessThan(Math.max(total_days, 0));
          expect(is_running).toBe(day_index >= 0);
        }
      }),
    );
  });
});
