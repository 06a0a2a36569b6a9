import { operations } from '../../shared/api/operations.ts';
import type { AcceptedDays, Metrics, RunDays } from '../answers.ts';
import type { LedgerDay, ObservedClick } from '../state/trace.ts';
import type { Answer, Api } from './api.ts';
import { addressOf } from './operations.ts';

/** Number of clicks kept, so that the trace of their days can still be shown. */
const KEPT_CLICKS = 50;

/** The clicks of this page as it measured them. */
export interface ClickLog {
  /** The same API, with its clicks recorded. */
  readonly api: Api;
  isAsking(): boolean;
  /** The click that led to a day of a run; null if another page made it. */
  of(runId: string, dayIndex: number): ObservedClick | null;
}

/** @param changed Called when a click is sent, and when it is answered. */
export function observeClicks(api: Api, changed: () => void): ClickLog {
  const clicks = new Map<string, ObservedClick>();
  let open = 0;

  async function advanceDays(days: number): Promise<Answer<AcceptedDays>> {
    const sentAt = Date.now();
    open += 1;
    changed();
    const answer = await api.advanceDays(days);
    open -= 1;
    if ('body' in answer) {
      const { run_id: runId, day_index: dayIndex } = answer.body;
      clicks.set(keyOf(runId, dayIndex), { sentAt, answeredAt: Date.now() });
    }
    if (clicks.size > KEPT_CLICKS) clicks.delete(clicks.keys().next().value ?? '');
    changed();
    return answer;
  }

  return {
    api: { ...api, advanceDays },
    isAsking: () => open > 0,
    of: (runId, dayIndex) => clicks.get(keyOf(runId, dayIndex)) ?? null,
  };
}

/** The key of a day; the run is part of it because each run has the same days. */
function keyOf(runId: string, dayIndex: number): string {
  return `${runId} ${dayIndex}`;
}

/** What the servers report about the pipeline. */
export interface PipelineReport {
  readonly day: LedgerDay | null;
  /** Messages waiting in Kafka; null while Kafka doesn't answer. */
  readonly lag: number | null;
  readonly deadLetters: number;
}

/** Reads the progress of a day, the consumer's lag and the number of dead letters. */
export async function readPipeline(
  api: Api,
  runId: string,
  dayIndex: number,
  signal: AbortSignal,
): Promise<Answer<PipelineReport>> {
  const { path } = operations.readRunDays;
  const [days, metrics] = await Promise.all([
    api.read<RunDays>(addressOf({ path: path.replace('{run_id}', runId) }, { from: dayIndex }), signal),
    api.read<Metrics>(operations.readMetrics.path, signal),
  ]);
  if ('problem' in days) return days;
  if ('problem' in metrics) return metrics;
  const { kafka, dead_letters: deadLetters } = metrics.body;
  const day = days.body.days.find(({ day_index }) => day_index === dayIndex) ?? null;
  return { body: { day, lag: kafka.consumer_lag?.total ?? null, deadLetters } };
}
