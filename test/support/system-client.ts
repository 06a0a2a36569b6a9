import { answerUnknownRoute, docsReader, routeTable, systemApi } from '../../functions/system/api.ts';
import type { Probes } from '../../functions/system/health.ts';
import type { MetricsSources } from '../../functions/system/metrics.ts';
import type { ProofSources } from '../../functions/system/proof.ts';
import type { PairTotals, RunEvents } from '../../functions/system/run-totals.ts';
import type { PipelineHealth } from '../../shared/api/system.ts';
import { apiEvent, apiHandler, ask, type RequestParts, recordingLog } from './api-events.ts';
import { memorySimulationStore } from './memory-simulation-store.ts';

/** Kafka's default answers. */
export const lag = {
  total: 7,
  partitions: [
    { partition: 0, lag: 3 },
    { partition: 1, lag: 4 },
  ],
};

/** Totals of two sales. */
export const pair = (
  store_id: string,
  product_id: string,
  units: number,
  revenue_cents: number,
): PairTotals => ({
  store_id,
  product_id,
  events: 2,
  units,
  revenue_cents,
});

/** Half of the events were stored just now. */
export const eventsOf = (pairs: PairTotals[]): RunEvents => ({
  head: async () => ({ id: 1, now: 0 }),
  totals: async () => pairs,
  storedSince: async () => pairs.map(() => ({ at: 0, events: 1 })),
});

/** A pipeline that has stored every accepted day. */
export const nothingWaits: PipelineHealth = {
  status: 'ok',
  accepted_day: 4,
  stored_day: 4,
  stalled_for_seconds: 0,
  step: null,
};

type Sources = Omit<MetricsSources & ProofSources, 'store'> & {
  readonly store: MetricsSources['store'];
  readonly probes: Partial<Probes>;
  readonly pipeline: PipelineHealth;
  readonly undecodable: number;
};

/** A client of `system`'s routes, with working sources unless a test provides others. */
export function systemClient(overrides: Partial<Sources> = {}) {
  const { probes, store: ownStore, pipeline = nothingWaits, undecodable = 0, ...sources } = overrides;
  const store = memorySimulationStore();
  const { log, text } = recordingLog();
  const answers: Probes = { mysql: async () => 1, dynamodb: async () => 1, kafka: async () => 1, ...probes };
  const handler = apiHandler({
    routes: systemApi(
      { probes: answers, pipeline: async () => pipeline, undecodable: async () => undecodable },
      {
        store: { ...store, readDays: async () => [], ...ownStore },
        events: eventsOf([pair('S001', 'P0001', 5, 1_050)]),
        deadLetters: async () => 2,
        consumerLag: async () => lag,
        proof: { storedCounts: async () => [], storedIds: async () => [], salesOf: async () => [] },
        ...sources,
      },
      docsReader('test/support'),
    ),
    fallback: (event) => answerUnknownRoute(routeTable, event),
    log,
  });
  const request = (target: string, parts?: RequestParts) => ask(handler, apiEvent(target, parts));
  const raw = (target: string, parts?: RequestParts) => handler(apiEvent(target, parts));
  return { store, request, raw, text };
}
