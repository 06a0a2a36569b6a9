import { operations } from '../../shared/api/operations.ts';
import type { Metrics, Proof, RunDays } from '../answers.ts';
import type { Problem } from '../state/problem.ts';
import type { LedgerDay } from '../state/trace.ts';
import type { Answer, Api } from './api.ts';
import { addressOf } from './operations.ts';

/** What the servers report about the pipeline. */
export interface PipelineReport {
  /** The progress of the day that was asked for; null if it isn't known. */
  readonly day: LedgerDay | null;
  /** Messages waiting in Kafka; null while Kafka doesn't answer. */
  readonly lag: number | null;
  readonly deadLetters: number;
}

/** Reads the progress of a day (from 0; none before the first), the consumer's lag and the number of dead letters. */
export async function readPipeline(
  api: Api,
  runId: string,
  dayIndex: number | null,
  signal: AbortSignal,
): Promise<Answer<PipelineReport>> {
  const path = operations.readRunDays.path.replace('{run_id}', runId);
  const [days, metrics] = await Promise.all([
    dayIndex === null ? null : api.read<RunDays>(addressOf({ path }, { from: dayIndex }), signal),
    api.read<Metrics>(operations.readMetrics.path, signal),
  ]);
  if (days && 'problem' in days) return days;
  if ('problem' in metrics) return metrics;
  const { kafka, dead_letters: deadLetters } = metrics.body;
  const day = days?.body.days.find(({ day_index }) => day_index === dayIndex) ?? null;
  return { body: { day, lag: kafka.consumer_lag?.total ?? null, deadLetters } };
}

/** The last proof that nothing is lost or doubled, and why there is no newer one. */
export interface KnownProof {
  readonly proof: Proof | null;
  readonly problem: Problem | null;
}

/** Reads the proof. A failure keeps the last one. */
export async function readProof(api: Api, known: KnownProof, signal: AbortSignal): Promise<KnownProof> {
  const answer = await api.read<Proof>(operations.readProof.path, signal);
  return 'body' in answer
    ? { proof: answer.body, problem: null }
    : { proof: known.proof, problem: answer.problem };
}
