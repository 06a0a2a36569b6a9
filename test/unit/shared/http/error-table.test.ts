import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { salesApi } from '../../../../functions/sales/api.ts';
import { type ClientStore, simulationApi } from '../../../../functions/simulation/api.ts';
import { answerUnknownRoute } from '../../../../functions/system/api.ts';
import { httpRoutes } from '../../../../infra/system.ts';
import { type ErrorCode, errorTable } from '../../../../shared/api/errors.ts';
import {
  errorsOf,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  MAX_URL_BYTES,
  routeKey,
} from '../../../../shared/api/route.ts';
import { createApiHandler } from '../../../../shared/http/api-handler.ts';
import type { ApiEvent } from '../../../../shared/http/request-state.ts';
import { OutcomeUnknownError } from '../../../../shared/simulation/dynamodb.ts';
import { apiEvent, ask, jsonEvent, recordingLog } from '../../../support/api-events.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

/** A request that is answered with a code. */
interface Trigger {
  readonly event: ApiEvent;
  readonly token?: string;
  readonly dates?: string[];
  readonly advance?: ClientStore['advanceDays'];
}

const nextDay = apiEvent('POST /simulation/next-day');
const failing = (error: Error) => () => Promise.reject(error);

/** A request for every code of the table, or where the code comes from. */
const triggers: Readonly<Record<ErrorCode, Trigger | { readonly answeredBy: string }>> = {
  invalid_request: { event: apiEvent('POST /simulation/next-day?days=x') },
  invalid_day: { answeredBy: 'the analyses, for a day outside the calendar' },
  invalid_trials: { answeredBy: 'the search, for a number of trials that it does not take' },
  not_initialized: { event: nextDay },
  all_days_completed: { event: apiEvent('POST /simulation/next-day?days=2'), dates: ['2022-01-01'] },
  run_replaced: { event: nextDay, advance: async () => ({ outcome: 'run_replaced' }) },
  unauthorized: { event: nextDay, token: 'configured' },
  forbidden: { answeredBy: 'the HTTP API on AWS, for a request that bypasses CloudFront' },
  not_found: { event: apiEvent('GET /sales/valid-combo') },
  method_not_allowed: { event: apiEvent('PUT /sales/recent', { routed: false }) },
  payload_too_large: { event: jsonEvent('POST /simulation/init', 'x'.repeat(MAX_BODY_BYTES)) },
  uri_too_long: { event: apiEvent(`GET /sales/recent?x=${'x'.repeat(MAX_URL_BYTES)}`) },
  headers_too_large: {
    event: apiEvent('GET /sales/recent', { headers: { 'x-long': 'x'.repeat(MAX_HEADER_BYTES) } }),
  },
  too_many_viewers: { answeredBy: 'the live stream, when its cap is reached' },
  outcome_unknown: { event: nextDay, advance: failing(new OutcomeUnknownError('next-day', new Error())) },
  dependency_unavailable: {
    event: nextDay,
    advance: failing(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
  },
  pipeline_stalled: { answeredBy: 'health, while accepted days are not being stored' },
  undecodable_messages: { answeredBy: 'health, while undecodable messages wait for a look' },
  internal: { event: nextDay, advance: failing(new TypeError('defect')) },
};

const isTrigger = (value: Trigger | { answeredBy: string }): value is Trigger => 'event' in value;
const reachable = Object.entries(triggers).flatMap(([code, trigger]) =>
  isTrigger(trigger) ? [{ code, trigger }] : [],
);

async function answerTo({ event, token, dates, advance }: Trigger) {
  const store = memorySimulationStore();
  if (dates) await store.register({ dates });
  // The first request takes all days, so that the second finds none.
  if (dates) await store.advanceDays(dates.length, { requestedAt: '', traceparent: '' });
  const sales = { recent: async () => [], validCombo: async () => null };
  const handler = createApiHandler({
    routes: [
      ...simulationApi({ ...store, ...(advance ? { advanceDays: advance } : {}) }, () => new Date()),
      ...salesApi(store, sales),
    ],
    fallback: (unknown) => answerUnknownRoute(new Map([['/sales/recent', ['GET']]]), unknown),
    token,
    log: recordingLog().log,
  });
  return ask(handler, event);
}

describe('the error table', () => {
  it.each(reachable)('a client can get $code as a problem document', async ({ code, trigger }) => {
    const response = await answerTo(trigger);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json).toMatchObject({
      code,
      type: `urn:problem-type:${code}`,
      status: response.statusCode,
      detail: expect.stringMatching(/\S/),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it.each(reachable)('the route that returns $code declares it', ({ code, trigger }) => {
    const declared = httpRoutes.find(({ route }) => routeKey(route) === trigger.event.routeKey);
    if (declared) expect(errorsOf(declared.route)).toContain(code);
    else expect(code).toBe('method_not_allowed');
  });

  it('every error has a status of at least 400 and a unique title', () => {
    const entries = Object.values(errorTable);
    for (const { status } of entries) expect(status).toBeGreaterThanOrEqual(400);
    expect(new Set(entries.map(({ title }) => title)).size).toBe(entries.length);
  });
});

describe('the declared routes', () => {
  it('paths and operation ids are unique', () => {
    const routes = httpRoutes.map(({ route }) => route);
    expect(new Set(routes.map(routeKey)).size).toBe(routes.length);
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
    for (const { path } of routes) expect(path).toMatch(/^(\/|(\/([a-z.-]+|\{[a-z_]+\}))+)$/);
  });

  it('inputs and outputs convert to JSON Schema', () => {
    for (const { route } of httpRoutes) {
      const inputs = [route.query, route.body].filter((schema) => schema !== undefined);
      for (const schema of inputs) expect(z.toJSONSchema(schema, { io: 'input' }).type).toBe('object');
      if (route.file || route.redirect) continue;
      const { type, anyOf } = z.toJSONSchema(route.response);
      // An answer may have one of several forms; each is an object.
      const types = anyOf?.map((form) => (typeof form === 'object' ? form.type : undefined)) ?? [type];
      expect(new Set(types), route.path).toEqual(new Set(['object']));
    }
    const recent = httpRoutes.find(({ route }) => route.path === '/sales/recent')?.route.query ?? z.never();
    expect(z.toJSONSchema(recent).properties).toMatchObject({
      limit: { type: 'integer', minimum: 0, maximum: 10_000, default: 20 },
    });
  });

  it('every route that changes the simulation requires the token', () => {
    // A plan is a body, so the forecast under it is a POST that changes nothing.
    const changes = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && path !== '/demand/forecast';
    for (const { route } of httpRoutes) expect(route.access).toBe(changes(route) ? 'token' : 'public');
  });
});
