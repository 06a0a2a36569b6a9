import { type ReadonlySignal, signal } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { MetricsAnswer, Proof, RunDays } from '../answers.ts';
import type { Problem } from '../state/problem.ts';
import type { LedgerTimes } from '../state/trace.ts';
import type { Answer, Api } from './api.ts';
import { addressOf } from './api.ts';

/** What the servers report about the pipeline. */
export interface PipelineReport {
  /** The progress of the day that was asked for; null if it isn't known. */
  readonly day: LedgerTimes | null;
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
    api.read<MetricsAnswer>(operations.readMetrics.path, signal),
  ]);
  if (days && 'problem' in days) return days;
  if ('problem' in metrics) return metrics;
  const { kafka, dead_letters: deadLetters } = metrics.body;
  const day = days?.body.days.find(({ day_index }) => day_index === dayIndex) ?? null;
  return { body: { day, lag: kafka.consumer_lag?.total ?? null, deadLetters } };
}

/** A part that can be broken, as the local host lists it. */
export interface BreakablePart {
  readonly part: string;
  readonly fault: { readonly action: string; readonly ends_at: string } | null;
}

/** The last proof that nothing is lost or doubled, and why there is no newer one. */
export interface KnownProof {
  readonly proof: Proof | null;
  readonly problem: Problem | null;
}

/** Whether every accepted day was compared id by id. */
export function isWhole({ accepted_days, verified_days }: Proof): boolean {
  return verified_days === accepted_days;
}

/** What a proof is about. */
interface RunState {
  readonly runId: string | null;
  /** Changes when a day is requested or a sale stored. */
  readonly moved: string;
}

/** A whole proof of an unchanged run isn't read again for this long (ms). */
const FRESH_MS = 30_000;

/**
 * Reads the proof for all parts of the page: those that ask while it is being read, or about a state of the run whose proof has
 * just arrived, get the same one. A failure keeps the last proof.
 *
 * @param readProof Reads it from the API.
 * @param stateOfRun What a proof is about now.
 */
export function createProofReader(readProof: () => Promise<Answer<Proof>>, stateOfRun: () => RunState) {
  const known = signal<KnownProof>({ proof: null, problem: null });
  let last = { of: '', at: Number.NEGATIVE_INFINITY };
  let running: { readonly of: string; readonly answer: Promise<KnownProof> } | null = null;
  let [started, shown] = [0, 0];

  async function start({ runId, moved: of }: RunState): Promise<KnownProof> {
    started += 1;
    const own = started;
    const answer = await readProof();
    // A slow answer about an earlier state, or another run, must not take the place of a later one.
    if (own < shown || stateOfRun().runId !== runId) {
      if (running?.of === of) running = null;
      return known.peek();
    }
    shown = own;
    known.value =
      'body' in answer
        ? { proof: answer.body, problem: null }
        : { proof: known.peek().proof, problem: answer.problem };
    if (running?.of === of) running = null;
    last = { of, at: performance.now() };
    return known.peek();
  }

  return {
    known: known satisfies ReadonlySignal<KnownProof>,
    read(): Promise<KnownProof> {
      const state = stateOfRun();
      const of = state.moved;
      const { proof, problem } = known.peek();
      const isFresh = last.of === of && performance.now() - last.at < FRESH_MS;
      if (isFresh && problem === null && proof !== null && isWhole(proof))
        return Promise.resolve(known.peek());
      if (running?.of !== of) running = { of, answer: start(state) };
      return running.answer;
    },
  };
}
