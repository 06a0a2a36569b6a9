import type { Dependencies, PipelineHealth, PipelineStep } from '../../shared/api/system.ts';
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

/** What the first days of a run come to that are all stored; nothing of it changes any more. */
interface StoredDays {
  readonly runId: string;
  readonly count: number;
  readonly received: number;
  readonly movedAt: string | null;
}

/**
 * Returns a function that reads the position of the current run; null if there is no run. It remembers the days that were stored
 * when it was last called, so that a call reads those since then alone, however long the run is.
 */
export function runPositionReader(
  store: Pick<SimulationStore, 'readState' | 'readProgress' | 'readDays'>,
): () => Promise<RunPosition | null> {
  let latest: StoredDays | undefined;

  return async () => {
    const state = await store.readState();
    if (!state) return null;
    const { runId } = state;
    const known = latest?.runId === runId ? latest : { runId, count: 0, received: 0, movedAt: null };
    const [progress, days] = await Promise.all([
      store.readProgress(runId),
      store.readDays(runId, known.count),
    ]);
    const stored = days.slice(0, storedDays(days, known.count));
    latest = {
      runId,
      count: known.count + stored.length,
      received: known.received + receivedOf(stored),
      movedAt: stored.flatMap(timesOf).reduce(later, known.movedAt),
    };
    return {
      runId,
      accepted: state.dayIndex,
      published: progress?.publishedIndex ?? -1,
      stored: latest.count - 1,
      received: known.received + receivedOf(days),
      movedAt: [...days.flatMap(timesOf), state.requestedAt].reduce(later, known.movedAt),
    };
  };
}

/** How many of the days that follow `count` stored ones are stored without a gap. */
function storedDays(days: readonly DayProgress[], count: number): number {
  const gap = days.findIndex((day, index) => day.dayIndex !== count + index || day.completedAt === null);
  return gap === -1 ? days.length : gap;
}

function receivedOf(days: readonly DayProgress[]): number {
  return days.reduce((sum, { dayReceived }) => sum + dayReceived, 0);
}

function timesOf({ publishedAt, publishedAgainAt, completedAt }: DayProgress): (string | null)[] {
  return [publishedAt, publishedAgainAt, completedAt];
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

  function judge(position: RunPosition, dependencies: Dependencies): PipelineHealth {
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

  return async (dependencies: Promise<Dependencies>, withinMs: number): Promise<PipelineHealth> => {
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

const NOTHING_ACCEPTED: PipelineHealth = {
  status: 'ok',
  accepted_day: null,
  stored_day: null,
  stalled_for_seconds: 0,
  step: null,
};

function dayOrNull(index: number): number | null {
  return index < 0 ? null : index;
}

/** A server that is down explains why its function is stuck. The producer reads sales from MySQL, too. */
function waitingStep(step: 'producer' | 'consumer', { mysql, dynamodb, kafka }: Dependencies): PipelineStep {
  if (dynamodb.status === 'down') return 'dynamodb';
  if (kafka.status === 'down') return 'kafka';
  return mysql.status === 'down' ? 'mysql' : step;
}
