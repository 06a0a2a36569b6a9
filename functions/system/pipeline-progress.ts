import type { Dependencies, Pipeline, PipelineStep } from '../../shared/api/system.ts';
import { withDeadline } from '../../shared/deadline.ts';
import type { DayProgress } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

/** What the pipeline has done with the accepted days of the current run. */
export interface RunPosition {
  readonly runId: string;
  /** Index of the last accepted day; -1 for none. */
  readonly accepted: number;
  /** Index of the last day whose sales Kafka has acknowledged; -1 for none. */
  readonly published: number;
  /** Index of the last day up to which every day is stored; -1 for none. */
  readonly stored: number;
  /** Sales that were counted as stored, of all days. */
  readonly received: number;
  /** When something was last published or stored, or the last day was accepted if that was later (ISO 8601, UTC). */
  readonly movedAt: string | null;
}

/** Reads the position of the current run; null if there is no run. */
export async function readRunPosition(
  store: Pick<SimulationStore, 'readState' | 'readProgress' | 'readDays'>,
): Promise<RunPosition | null> {
  const state = await store.readState();
  if (!state) return null;
  const [progress, days] = await Promise.all([store.readProgress(state.runId), store.readDays(state.runId)]);
  const times = days.flatMap((day) => [day.publishedAt, day.publishedAgainAt, day.completedAt]);
  return {
    runId: state.runId,
    accepted: state.dayIndex,
    published: progress?.publishedIndex ?? -1,
    stored: storedUpTo(days),
    received: days.reduce((sum, { dayReceived }) => sum + dayReceived, 0),
    movedAt: [...times, state.requestedAt].reduce(later, null),
  };
}

function storedUpTo(days: readonly DayProgress[]): number {
  const gap = days.findIndex((day, index) => day.dayIndex !== index || day.completedAt === null);
  return (gap === -1 ? days.length : gap) - 1;
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

/** Accepted days wait this long before the pipeline counts as stalled: more than a busy machine or a restart needs. */
const STALLED_AFTER_SECONDS = 30;

/**
 * Judges the pipeline by its progress, because servers that answer don't prove that anything moves. What moved last is
 * remembered beside what the table says: a run whose days are still being accepted has a recent time although nothing is stored.
 *
 * @param read Reads the position of the current run.
 * @param now Milliseconds since 1970.
 */
export function pipelineMonitor(read: () => Promise<RunPosition | null>, now: () => number) {
  let seen = { position: '', since: 0 };
  let unreadableSince: number | undefined;

  function judge(position: RunPosition, dependencies: Dependencies): Pipeline {
    const { accepted, stored, published } = position;
    const isWaiting = stored < accepted;
    const { runId, received } = position;
    const key = isWaiting ? [runId, stored, published, received].join() : '';
    if (key !== seen.position) seen = { position: key, since: now() };
    const since = Math.min(seen.since, Date.parse(position.movedAt ?? '') || seen.since);
    const seconds = isWaiting ? Math.max(0, Math.round((now() - since) / 1_000)) : 0;
    return {
      status: seconds > STALLED_AFTER_SECONDS ? 'stalled' : 'ok',
      accepted_day: dayOrNull(accepted),
      stored_day: dayOrNull(stored),
      stalled_for_seconds: seconds,
      step: isWaiting ? waitingStep(stored + 1 > published ? 'producer' : 'consumer', dependencies) : null,
    };
  }

  return async (dependencies: Promise<Dependencies>, withinMs: number): Promise<Pipeline> => {
    try {
      const position = await withDeadline(
        withinMs,
        read(),
        () => new Error('The table did not answer in time.'),
      );
      unreadableSince = undefined;
      return position ? judge(position, await dependencies) : NOTHING_ACCEPTED;
    } catch {
      // The probe of DynamoDB reports the reason.
      unreadableSince ??= now();
      const seconds = Math.round((now() - unreadableSince) / 1_000);
      return {
        status: seconds > STALLED_AFTER_SECONDS ? 'stalled' : 'ok',
        accepted_day: null,
        stored_day: null,
        stalled_for_seconds: seconds,
        step: 'dynamodb',
      };
    }
  };
}

const NOTHING_ACCEPTED: Pipeline = {
  status: 'ok',
  accepted_day: null,
  stored_day: null,
  stalled_for_seconds: 0,
  step: null,
};

function dayOrNull(index: number): number | null {
  return index < 0 ? null : index;
}

/** A server that is down explains why its function stands still. The producer reads sales from MySQL, too. */
function waitingStep(step: 'producer' | 'consumer', { mysql, dynamodb, kafka }: Dependencies): PipelineStep {
  if (dynamodb.status === 'down') return 'dynamodb';
  if (kafka.status === 'down') return 'kafka';
  return mysql.status === 'down' ? 'mysql' : step;
}
