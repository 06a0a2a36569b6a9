import { afterAll, beforeAll, expect, it } from 'vitest';
import { metricTable } from '../../../../shared/observability/metric-table.ts';
import { dashboardQueries } from '../../../support/dashboard.ts';
import { eventually } from '../../../support/eventually.ts';
import { fetchPatiently } from '../../../support/http-client.ts';
import { type PromFamily, parsePrometheus, promLint } from '../../../support/promlint.ts';
import { readPromql } from '../../../support/promql.ts';
import { type RunningSystem, startSystem } from '../../../support/system.ts';

/** The response that a Prometheus server gets from `/metrics` of the local host. */
let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ days: 30 });
  await fetchPatiently(`${system.url}/simulation/next-day`, { method: 'POST' });
  await eventually(async () => expect(await value('retail_click_to_stored_seconds')).toBeDefined());
});
afterAll(() => system.stop());

async function scrape(): Promise<string> {
  const response = await fetchPatiently(`${system.url}/metrics`, {
    headers: { accept: 'text/plain;version=0.0.4' },
  });
  expect(response.status).toBe(200);
  return response.text();
}

/** The first sample of a name with some labels. */
async function value(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const samples = parsePrometheus(await scrape()).flatMap((family) => family.samples);
  const entries = Object.entries(labels);
  return samples.find(
    (sample) => sample.name === name && entries.every(([key, text]) => sample.labels[key] === text),
  )?.value;
}

it('promtool finds no problems in the metrics page', async () => {
  expect(promLint(await scrape())).toEqual([]);
});

it('the metrics page has the delay from the click to the last sale and the lag of every partition', async () => {
  expect(await value('retail_click_to_stored_seconds')).toBeGreaterThan(0);
  expect(await value('retail_events_stored')).toBe(100);
  for (const partition of ['0', '5'])
    await eventually(async () => expect(await value('retail_kafka_consumer_lag', { partition })).toBe(0));
});

it('the metrics page has the requests of every function by route and status', async () => {
  const count = (route: string, status: string) =>
    value('retail_http_request_duration_seconds_count', { route, status });
  await Promise.all([
    fetch(`${system.url}/sales/recent`),
    fetch(`${system.url}/sales/recent?limit=x`),
    fetch(`${system.url}/nothing`),
    fetch(`${system.url}/stream/live`),
  ]);
  await eventually(async () => {
    expect(await count('POST /simulation/next-day', '200')).toBe(1);
    expect(await count('GET /sales/recent', '200')).toBe(1);
    expect(await count('GET /sales/recent', '422')).toBe(1);
    expect(await count('$default', '404')).toBe(1);
    expect(await count('GET /stream/live', '200')).toBe(1);
    expect(await count('GET /metrics', '200')).toBeGreaterThan(0);
    expect(await value('retail_http_server_errors_total', { route: 'GET /sales/recent' })).toBe(0);
    expect(await value('retail_mysql_connections_opened_total', { service: 'consumer' })).toBeGreaterThan(0);
  });
});

it('the metrics page has the number of viewers', async () => {
  const ended = new AbortController();
  const viewer = await fetch(`${system.url}/stream/events`, { signal: ended.signal });
  await eventually(async () => expect(await value('retail_live_viewers')).toBe(1));
  // Referenced until here, because a response that was garbage-collected is closed.
  expect(viewer.bodyUsed).toBe(false);
  ended.abort();
  await eventually(async () => expect(await value('retail_live_viewers')).toBe(0));
});

it('the metrics appear neither in the log nor in the JSON', async () => {
  expect(system.log.lines.filter(({ line }) => line.includes('_aws'))).toEqual([]);
  const json = await (await fetch(`${system.url}/metrics`)).json();
  expect(Object.keys(json)).toEqual(
    expect.arrayContaining(['kafka', 'ingestion', 'simulation', 'store_totals', 'top_5_products']),
  );
  expect(JSON.stringify(json)).not.toContain('http_request');
});

it('a Prometheus server that prefers OpenMetrics gets the text format', async () => {
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1';
  const response = await fetch(`${system.url}/metrics`, { headers: { accept } });
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
});

it('the metrics page has every series and label that the Grafana dashboard uses', async () => {
  await fetch(`${system.url}/sales/recent`);
  const families = await eventually(async () => {
    expect(await value('retail_http_request_duration_seconds_count', { service: 'sales' })).toBeDefined();
    const told = parsePrometheus(await scrape());
    // Omitted while Kafka doesn't answer at once.
    expect(told.map(({ name }) => name)).toContain('retail_kafka_consumer_lag');
    return told;
  });
  for (const { panel, expr, legendLabels } of dashboardQueries()) {
    const { metrics, labels } = readPromql(expr);
    expect(metrics.length, `${panel}: ${expr}`).toBeGreaterThan(0);
    for (const metric of metrics) {
      const known = labelsOf(families, metric);
      expect(known, `${panel}: ${metric} is not told`).toBeDefined();
      expect(known, `${panel}: ${metric}`).toEqual(expect.arrayContaining([...labels, ...legendLabels]));
    }
  }
});

/** The labels of a series; undefined if there is none. A counter that hasn't counted yet is declared but not printed. */
function labelsOf(families: readonly PromFamily[], metric: string): readonly string[] | undefined {
  const sample = families.flatMap((family) => family.samples).find(({ name }) => name === metric);
  if (sample) return Object.keys(sample.labels);
  const declared = Object.entries(metricTable).filter(([, { kind }]) => kind === 'counter');
  return declared.find(([name]) => metric === `retail_${name}_total`)?.[1].labels;
}

it('the Grafana dashboard shows throughput, lag, delay, latency and viewers', () => {
  expect(dashboardQueries().map(({ panel }) => panel)).toEqual(
    expect.arrayContaining(['Throughput', 'Consumer lag', 'Click → stored', 'API latency', 'Viewers']),
  );
});
