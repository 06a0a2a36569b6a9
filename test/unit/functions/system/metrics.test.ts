import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PairTotals } from '../../../../functions/system/run-totals.ts';
import type { DayProgress } from '../../../../shared/simulation/state.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';
import { promLint } from '../../../support/promlint.ts';
import { eventsOf, lag, pair, systemClient } from '../../../support/system-client.ts';

describe('GET /metrics', () => {
  it('the metrics have every field of the original system’s', async () => {
    const recorded: { request: string; body: Record<string, unknown> }[] = JSON.parse(
      readFileSync(new URL('../../../golden/responses/live.json', import.meta.url), 'utf8'),
    );
    const original = recorded.find(({ request }) => request === 'GET /metrics')?.body;
    const { json } = await systemClient().request('GET /metrics');
    for (const part of ['kafka', 'ingestion', 'simulation'])
      expect(Object.keys(json[part])).toEqual(expect.arrayContaining(Object.keys(Object(original?.[part]))));
    expect(Object.keys(json)).toEqual(expect.arrayContaining(Object.keys(original ?? {})));
  });

  it('the metrics rank stores by revenue and products by units, exactly and in a stable order', async () => {
    const totals = [
      pair('S002', 'P0002', 10, 10),
      pair('S002', 'P0001', 10, 20),
      pair('S001', 'P0003', 10, 30),
      pair('S003', 'P0004', 1, 9_999),
      pair('S003', 'P0005', 2, 1),
      pair('S003', 'P0006', 3, 0),
    ];
    const { request, store } = systemClient({ events: eventsOf(totals) });
    await store.register({ dates: ['2022-01-01'] });
    const { json } = await request('GET /metrics');
    expect(json.store_totals).toEqual([
      { store_id: 'S003', total_events: 6, total_units: 6, total_revenue: 100 },
      { store_id: 'S001', total_events: 2, total_units: 10, total_revenue: 0.3 },
      { store_id: 'S002', total_events: 4, total_units: 20, total_revenue: 0.3 },
    ]);
    expect(json.top_5_products).toEqual([
      { product_id: 'P0001', total_units: 10 },
      { product_id: 'P0002', total_units: 10 },
      { product_id: 'P0003', total_units: 10 },
      { product_id: 'P0006', total_units: 3 },
      { product_id: 'P0005', total_units: 2 },
    ]);
    expect(json.ingestion).toEqual({ total_events_stored: 12, events_last_60s: 6, events_per_minute: 6 });
    expect(json.kafka.consumer_lag).toEqual(lag);
    expect(json.dead_letters).toBe(2);
  });

  it('the metrics count at least the sales that their own status reports', async () => {
    const memory = memorySimulationStore();
    await memory.register({ dates: ['2022-01-01'] });
    await memory.advanceDays(1, { requestedAt: '', traceparent: '' });
    let arrival: Promise<void> | undefined;
    let stored: PairTotals[] = [];
    const { request } = systemClient({
      store: {
        ...memory,
        async readSnapshot() {
          await arrival;
          return memory.readSnapshot();
        },
      },
      events: {
        head: async () => ({ id: stored.length, now: 0 }),
        totals: async () => stored,
        storedSince: async () => [],
      },
    });
    await request('GET /metrics');
    // While the state is being read, the day is stored and then counted.
    arrival = setImmediate().then(() => {
      stored = [pair('S001', 'P0001', 5, 1_050)];
      memory.setDay({ dayTotal: 2, dayReceived: 2 });
    });
    expect((await request('GET /metrics')).json).toMatchObject({
      simulation: { day_received: 2 },
      ingestion: { total_events_stored: 2 },
    });
  });

  it('the metrics are empty before the first init', async () => {
    const { json } = await systemClient().request('GET /metrics');
    expect(json).toMatchObject({
      ingestion: { total_events_stored: 0 },
      simulation: { day_index: -1 },
      store_totals: [],
      top_5_products: [],
    });
  });

  it('the metrics omit the lag while Kafka is down, which is logged', async () => {
    const { request, text } = systemClient({ consumerLag: () => Promise.reject(new Error('no broker')) });
    const { json, statusCode } = await request('GET /metrics');
    expect(statusCode).toBe(200);
    expect(json.kafka.consumer_lag).toBeNull();
    expect(text()).toMatch(/consumer lag is unknown/);
  });

  it('the metrics are unavailable while MySQL is', async () => {
    const deadLetters = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    expect((await systemClient({ deadLetters }).request('GET /metrics')).statusCode).toBe(503);
  });

  it.each([
    ['GET /metrics', 'text/plain', 'text/plain'],
    ['GET /metrics', 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text/plain'],
    [
      'GET /metrics',
      'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5,*/*;q=0.1',
      'text/plain',
    ],
    ['GET /metrics', 'text/*', 'text/plain'],
    ['GET /metrics', undefined, 'application/json'],
    ['GET /metrics', '*/*', 'application/json'],
    ['GET /metrics', 'application/json', 'application/json'],
    ['GET /metrics', 'application/json, text/plain, */*', 'application/json'],
    ['GET /metrics', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['GET /metrics', 'text/plain;q=0, */*', 'application/json'],
    ['GET /metrics', 'text/plain;q=x', 'application/json'],
    ['GET /metrics', 'application/json;q=x, text/plain', 'text/plain'],
    ['GET /metrics', '', 'application/json'],
    ['GET /metrics?format=prometheus', 'application/json', 'text/plain'],
    ['GET /metrics?format=json', 'text/plain', 'application/json'],
  ])('%s with Accept: %s is %s', async (target, accept, type) => {
    const response = await systemClient().raw(target, accept === undefined ? {} : { headers: { accept } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(new RegExp(`^${type}`));
  });

  it('an unknown format of the metrics is rejected by name', async () => {
    const { json } = await systemClient().request('GET /metrics?format=xml');
    expect(json).toMatchObject({ status: 422, errors: [{ field: 'query.format' }] });
  });

  it('the Prometheus text has one sample per line and one type per family', async () => {
    const { raw, store } = systemClient({ events: eventsOf([pair('S"1\\\n', 'P0001', 5, 1_050)]) });
    await store.register({ dates: ['2022-01-01'] });
    const { body, headers } = await raw('GET /metrics?format=prometheus');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('retail_kafka_consumer_lag{partition="1"} 4\n');
    expect(body).toContain('retail_store_revenue{store_id="S\\"1\\\\\\n"} 10.5\n');
    expect(body).toContain('# TYPE retail_events_stored gauge\nretail_events_stored 2\n');
    expect(promLint(body)).toEqual([]);
  });

  it('the metrics report how long the last completely stored day took from its click', async () => {
    const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
    const day = (
      dayIndex: number,
      completedAt: string | null,
      requestedAt: string | null = at(1),
    ): DayProgress => ({
      ...{
        dayIndex,
        date: `2022-01-0${dayIndex + 1}`,
        dayTotal: 100,
        dayReceived: 7,
        requestedAt,
        completedAt,
      },
      ...{ pickedUpAt: at(1), publishedAt: at(2), publishedAgainAt: null },
    });
    const daysOf = async (days: DayProgress[]) => {
      const store = memorySimulationStore();
      await store.register({ dates: ['2022-01-01', '2022-01-02', '2022-01-03'] });
      await store.advanceDays(days.length, { requestedAt: '', traceparent: '' });
      const readDay = async (_runId: string, index: number) => days[index] ?? null;
      const snapshot = async () => ({ ...(await store.readSnapshot()), day: days.at(-1) ?? null });
      const { request, raw } = systemClient({ store: { readSnapshot: snapshot, readDay } });
      const text = (await raw('GET /metrics?format=prometheus')).body;
      return { last: (await request('GET /metrics')).json.pipeline.last_stored_day, text };
    };
    const first = { day_index: 0, date: '2022-01-01', completed_at: at(3), click_to_stored_seconds: 2 };
    expect((await daysOf([day(0, at(3)), day(1, null)])).last).toEqual(first);
    expect((await daysOf([day(0, at(3))])).text).toContain('\nretail_click_to_stored_seconds 2\n');
    expect((await daysOf([day(0, at(3), null)])).last).toEqual({ ...first, click_to_stored_seconds: null });
    expect((await daysOf([day(0, null)])).last).toBeNull();
    expect((await daysOf([])).last).toBeNull();
  });

  it('the Prometheus text has no samples for unknown values', async () => {
    const { raw } = systemClient({ consumerLag: () => Promise.reject(new Error('no broker')) });
    const { body } = await raw('GET /metrics?format=prometheus');
    expect(body).toContain('retail_kafka_up 0\n');
    expect(body).not.toMatch(/consumer_lag|NaN|null|undefined/);
  });
});
