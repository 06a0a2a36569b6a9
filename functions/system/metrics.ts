import type { MetricsAnswer } from '../../shared/api/system.ts';
import { withDeadline } from '../../shared/deadline.ts';
import type { RequestLog } from '../../shared/http/request-log.ts';
import type { DayProgress, Snapshot } from '../../shared/simulation/state.ts';
import { simulationStatus } from '../../shared/simulation/state.ts';
import type { SimulationStore, SnapshotHint } from '../../shared/simulation/store.ts';
import type { ConsumerLag } from './consumer-lag.ts';
import { type RunEvents, runFigures, runTotalsReader } from './run-totals.ts';

/** The sources of the metrics. */
export interface MetricsSources {
  readonly store: Pick<SimulationStore, 'readSnapshot' | 'readDay'>;
  readonly events: RunEvents;
  deadLetters(): Promise<number>;
  consumerLag(): Promise<ConsumerLag>;
}

/** Metrics matter most during an outage, so those of Kafka are omitted if it doesn't respond within this time. */
const LAG_WITHIN_MS = 2_000;

const NO_TOTALS = { pairs: [], eventsLast60s: 0 };

/** The size of the original's buffer of recent events, reported for existing clients; this system has no buffer. */
const BUFFER = { in_memory_buffer: 0, buffer_capacity: 500, buffer_pct_full: 0 } as const;

/** Reads all metrics of the current run. It remembers the simulation's last position and the run's totals so far. */
export function metricsReader(sources: MetricsSources): (log: RequestLog) => Promise<MetricsAnswer> {
  let hint: SnapshotHint | undefined;
  const runTotals = runTotalsReader(sources.events);

  async function readRun() {
    const snapshot = await sources.store.readSnapshot(hint);
    hint = snapshot.state ?? undefined;
    const [totals, last_stored_day] = await Promise.all([
      snapshot.state ? runTotals(snapshot.state.runId) : NO_TOTALS,
      lastStoredDay(sources.store, snapshot),
    ]);
    return { simulation: simulationStatus(snapshot), pipeline: { last_stored_day }, ...runFigures(totals) };
  }

  return async (log) => {
    const [run, dead_letters, lag] = await Promise.all([
      readRun(),
      sources.deadLetters(),
      readLag(sources, log),
    ]);
    return {
      kafka: { ...BUFFER, consumer_lag: lag },
      ingestion: run.ingestion,
      pipeline: run.pipeline,
      dead_letters,
      simulation: run.simulation,
      store_totals: run.store_totals,
      top_5_products: run.top_5_products,
    };
  };
}

/** The consumer's lag; null, and a warning, if Kafka doesn't tell it in time. */
export async function readLag(
  sources: Pick<MetricsSources, 'consumerLag'>,
  log: RequestLog,
): Promise<MetricsAnswer['kafka']['consumer_lag']> {
  try {
    const late = () => new Error(`Kafka gave no answer within ${LAG_WITHIN_MS} ms.`);
    const { total, partitions } = await withDeadline(LAG_WITHIN_MS, sources.consumerLag(), late);
    return { total, partitions: [...partitions] };
  } catch (error) {
    log.warn('consumer lag is unknown', { error });
    return null;
  }
}

/** How many days before the current one are considered. If more are incomplete, the lag says more than the last delay. */
const LOOK_BACK_DAYS = 3;

/** The last completely stored day, if it is one of the latest, and how long storing it took since its request. */
async function lastStoredDay(
  store: Pick<SimulationStore, 'readDay'>,
  { state, day: currentDay }: Snapshot,
): Promise<MetricsAnswer['pipeline']['last_stored_day']> {
  if (!state) return null;
  const earliest = Math.max(0, state.dayIndex - LOOK_BACK_DAYS);
  for (let index = state.dayIndex; index >= earliest; index -= 1) {
    const day = index === state.dayIndex ? currentDay : await store.readDay(state.runId, index);
    const stored = day && storedDay(day);
    if (stored) return stored;
  }
  return null;
}

function storedDay({ dayIndex, date, requestedAt, completedAt }: DayProgress) {
  if (completedAt === null) return null;
  return {
    day_index: dayIndex,
    date,
    completed_at: completedAt,
    click_to_stored_seconds:
      requestedAt === null ? null : (Date.parse(completedAt) - Date.parse(requestedAt)) / 1_000,
  };
}
