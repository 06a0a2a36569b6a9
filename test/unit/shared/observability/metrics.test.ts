import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createProcessMetrics } from '../../../../infra/lambda-host/metrics/process-metrics.ts';
import { HttpProblem } from '../../../../shared/api/errors.ts';
import { route } from '../../../../shared/api/route.ts';
import { implement } from '../../../../shared/http/api-handler.ts';
import { type MetricName, metricTable } from '../../../../shared/observability/metric-table.ts';
import {
  createMetrics,
  type MetricLabels,
  type MetricValues,
} from '../../../../shared/observability/metrics.ts';
import { apiEvent, apiHandler, recordingLog } from '../../../support/api-events.ts';
import { liveStreamOnFakes } from '../../../support/live-stage.ts';
import { parsePrometheus, promLint } from '../../../support/promlint.ts';

/** The schema from the specification of the embedded metric format, without the parts that only say "an object". */
const EMBEDDED_METRIC_FORMAT = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      properties: {
        Timestamp: { type: 'integer' },
        CloudWatchMetrics: {
          type: 'array',
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            properties: {
              Namespace: { type: 'string', minLength: 1, maxLength: 1024, pattern: '^(.*)$' },
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'array',
                  maxItems: 30,
                  items: { type: 'string', minLength: 1, maxLength: 250 },
                },
              },
              Metrics: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['Name'],
                  properties: {
                    Name: { type: 'string', minLength: 1, maxLength: 1024 },
                    Unit: { enum: ['Seconds', 'Milliseconds', 'Bytes', 'Percent', 'Count', 'None'] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'RetailTimeMachine/test');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The line that is printed for some values. */
function told(values: MetricValues, labels?: MetricLabels, service = 'sales'): string {
  lines.length = 0;
  createMetrics(service).record(values, labels);
  return lines.join('').trimEnd();
}

const answered = { http_request_duration: 0.02, http_server_errors: 0 };
const labels = { route: 'GET /sales/recent', status: '200' };

describe('metrics of a process', () => {
  it("a process prints metrics as a line in CloudWatch's embedded metric format", () => {
    const line = JSON.parse(told(answered, labels));
    expect(new Ajv2020().validate(EMBEDDED_METRIC_FORMAT, line)).toBe(true);
    expect(line).toMatchObject({
      service: 'sales',
      ...labels,
      ...answered,
      _aws: { Timestamp: expect.closeTo(Date.now(), -5) },
    });
    for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      expect(Namespace).toBe('RetailTimeMachine/test');
      for (const name of [...Dimensions.flat(), ...Metrics.map(({ Name }: { Name: string }) => Name)])
        expect(line).toHaveProperty(name);
      // Each value of a dimension costs money, and the status adds nothing to the errors.
      expect(Dimensions).toEqual([['service', 'route']]);
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
  });

  it('a process prints no metrics without a namespace', () => {
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', undefined);
    expect(told(answered, labels)).toBe('');
  });
});

describe('metrics of an API', () => {
  const thing = route({
    method: 'GET',
    path: '/thing',
    tag: 'test',
    operationId: 'readThing',
    summary: 'A thing',
    access: 'public',
    query: z.object({ fail: z.string().optional() }),
    response: z.object({ ok: z.boolean() }),
    errors: [],
  });
  const record = vi.fn<(values: MetricValues, labels?: MetricLabels) => void>();
  const handler = apiHandler({
    routes: [
      implement(thing, ({ query }) => {
        if (query.fail === 'client') throw new HttpProblem('not_found', 'It is not there.');
        if (query.fail === 'server') throw new Error('defect');
        return { ok: true };
      }),
    ],
    log: recordingLog().log,
    metrics: { record },
  });

  it.each([
    ['GET /thing', 'GET /thing', '200', 0],
    ['GET /thing?fail=client', 'GET /thing', '404', 0],
    ['GET /thing?fail=server', 'GET /thing', '500', 1],
    [`GET /thing?x=${'x'.repeat(3_000)}`, 'GET /thing', '414', 0],
    ['GET /other', '$default', '404', 0],
  ])('an API records duration, route and outcome of %s', async (request, routeKey, status, errors) => {
    await handler(apiEvent(request, { routed: routeKey !== '$default' }));
    expect(record).toHaveBeenLastCalledWith(
      { http_request_duration: expect.closeTo(0, 0), http_server_errors: errors },
      { route: routeKey, status },
    );
  });
});

describe('metrics of the live stream', () => {
  it('the live stream records the number of viewers within a second of a change, and only then', async () => {
    const stage = liveStreamOnFakes();
    stage.world.startRun();
    await stage.viewer();
    await stage.viewer();
    await stage.clock.advance(1_000);
    expect(stage.viewerCounts.at(-1)).toBe(2);
    const told = stage.viewerCounts.length;
    await stage.clock.advance(10_000);
    expect(stage.viewerCounts).toHaveLength(told);
  });
});

describe('metrics of a host', () => {
  const figures = (text: string) => {
    const samples = parsePrometheus(text).flatMap((family) => family.samples);
    return (name: string, wanted: Record<string, string> = {}) =>
      samples.find(
        (sample) =>
          sample.name === name &&
          Object.entries(wanted).every(([key, value]) => sample.labels[key] === value),
      )?.value;
  };

  it('a host adds up the metrics of its processes', async () => {
    const host = createProcessMetrics({ prefix: 'retail_', definitions: metricTable });
    const [one, other] = [host.listen(), host.listen()];
    for (const seconds of [0.004, 0.02, 0.02])
      one.take(told({ http_request_duration: seconds, http_server_errors: 0 }, labels));
    other.take(told({ http_request_duration: 30, http_server_errors: 1 }, labels));
    const value = figures(await host.text());
    expect(value('retail_http_request_duration_seconds_count', { ...labels, service: 'sales' })).toBe(4);
    expect(value('retail_http_request_duration_seconds_sum')).toBeCloseTo(30.044);
    const within = (le: string) => value('retail_http_request_duration_seconds_bucket', { le });
    expect([within('0.005'), within('0.025'), within('10'), within('+Inf')]).toEqual([1, 3, 3, 4]);
    expect(value('retail_http_server_errors_total', { route: labels.route })).toBe(1);
  });

  it('a host sums gauges over living processes and counters over all', async () => {
    const host = createProcessMetrics({ prefix: 'retail_', definitions: metricTable });
    const [one, other] = [host.listen(), host.listen()];
    one.take(told({ live_viewers: 5 }, {}, 'live'));
    one.take(told({ live_viewers: 3, mysql_connections_opened: 1 }, {}, 'live'));
    other.take(told({ live_viewers: 2 }, {}, 'live'));
    expect(figures(await host.text())('retail_live_viewers', { service: 'live' })).toBe(5);
    one.ended();
    expect(figures(await host.text())('retail_live_viewers')).toBe(2);
    expect(figures(await host.text())('retail_mysql_connections_opened_total')).toBe(1);
  });

  it('a host leaves lines without metrics to the log', async () => {
    const process = createProcessMetrics({ prefix: 'retail_', definitions: metricTable }).listen();
    const ours = told(answered, labels);
    expect(process.take(ours)).toBe(true);
    for (const line of [
      '',
      'text',
      '{"level":"INFO"}',
      ours.slice(0, -1),
      ours.replaceAll('http_', 'other_'),
    ])
      expect(process.take(line)).toBe(false);
  });

  it("promtool finds no problems in a host's metrics", async () => {
    const host = createProcessMetrics({ prefix: 'retail_', definitions: metricTable });
    const process = host.listen();
    expect(await host.text()).toBe('');
    for (const name of Object.keys(metricTable) as MetricName[]) process.take(told({ [name]: 1 }, labels));
    process.take(told({ http_request_duration: 1 }, { route: 'GET "/\\odd\n', status: '404' }));
    expect(promLint(await host.text())).toEqual([]);
    expect(parsePrometheus(await host.text())).toHaveLength(Object.keys(metricTable).length);
  });
});
