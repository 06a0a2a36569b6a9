import type { SimulationStatus } from '../../shared/api/simulation.ts';
import type { SimulationState, Snapshot } from '../../shared/simulation/state.ts';
import { simulationStatus } from '../../shared/simulation/status.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { createEventLog, type EventLog, encodePage } from './event-log.ts';
import type { Feed } from './feed-pages.ts';
import { statusFrame } from './frames.ts';

/** A status, encoded once for everybody. */
export interface PublishedStatus {
  /** Grows with every status that differs from the one before. */
  readonly version: number;
  readonly frame: Buffer;
}

/** The current run as far as it has been read. */
export interface LiveRun {
  readonly id: string;
  readonly log: EventLog;
}

/** What viewers see of the simulation at one moment. */
export interface LiveView {
  /** Null before the first init. */
  readonly run: LiveRun | null;
  readonly dayIndex: number;
  /** For viewers who just came. It may count sales that the log does not hold yet. */
  readonly newest: PublishedStatus;
  /** For viewers who have read the log: the newest status of this run whose sales it holds; null until there is one. */
  readonly settled: PublishedStatus | null;
}

export interface TailOptions {
  readonly store: Pick<SimulationStore, 'readSnapshot'>;
  readonly feed: Feed;
  readonly pageSize: number;
  readonly logBytes: number;
  /** Called whenever there is something new to see. */
  readonly onChange: () => void;
}

/** Reads on behind the newest event of the current run: the one reader of the stores for all viewers of a process. */
export interface Tail {
  /** Null until the first look has come as far as the store's answer. */
  view(): LiveView | null;
  /**
   * Looks at the store, and at `feed` if there are new sales. Resolves to whether sales of the current day are still to
   * come. Rejects if one of the two fails; what was read until then counts, the next look goes on from there.
   */
  poll(): Promise<boolean>;
  /** Forgets the view, which nobody keeps up to date from now on. The log stays for as long as it can be continued. */
  forgetView(): void;
}

export function createTail({ store, feed, pageSize, logBytes, onChange }: TailOptions): Tail {
  let view: LiveView | null = null;
  let run: LiveRun | null = null;
  let newest: PublishedStatus = { version: 0, frame: Buffer.alloc(0) };
  let newestText = '';
  /** What had been counted when the log was last read on to its end. */
  let countRead = '';

  async function look(): Promise<boolean> {
    const snapshot = await store.readSnapshot(
      view?.run ? { runId: view.run.id, dayIndex: view.dayIndex } : undefined,
    );
    const status = simulationStatus(snapshot);
    const current = snapshot.state && liveRun(snapshot.state, snapshot.progress?.headId ?? 0);
    show(current, status);
    if (current) await readOn(current, snapshot.progress?.headId ?? 0, countOf(status));
    settle();
    return isComingIn(snapshot);
  }

  /** The current run with its log: the one there is if it can be continued, else a new one. */
  function liveRun({ runId }: SimulationState, headId: number): LiveRun {
    const isWatched = view !== null;
    if (run?.id === runId && (isWatched || headId - run.log.end <= pageSize)) return run;
    // A run that begins while somebody watches is logged whole; of one found under way, only what comes from now on.
    return { id: runId, log: createEventLog(isWatched ? 0 : headId, logBytes) };
  }

  function show(current: LiveRun | null, status: SimulationStatus): void {
    const isNew = view === null || current !== run;
    run = current;
    view = {
      run,
      dayIndex: status.day_index,
      newest: publish(status),
      settled: isNew ? null : (view?.settled ?? null),
    };
    if (isNew) onChange();
  }

  function publish(status: SimulationStatus): PublishedStatus {
    const text = JSON.stringify(status);
    if (text !== newestText) newest = { version: newest.version + 1, frame: statusFrame(status) };
    newestText = text;
    return newest;
  }

  /**
   * Reads all that is visible, page by page, if the run's greatest id or the day's count has grown: they are written one
   * after the other, so either may be ahead.
   */
  async function readOn({ id, log }: LiveRun, headId: number, count: string): Promise<void> {
    if (headId <= log.end && count === countRead) return;
    let isFull = true;
    while (isFull) {
      const position = { kind: 'after', id: log.end } as const;
      const { events } = await feed({ run_id: id, position, limit: pageSize });
      isFull = events.length >= pageSize;
      if (events.length === 0) break;
      log.append(encodePage(log.end, events));
      onChange();
    }
    countRead = count;
  }

  function settle(): void {
    if (!view || view.settled === view.newest) return;
    view = { ...view, settled: view.newest };
    onChange();
  }

  return {
    view: () => view,
    poll: look,
    forgetView: () => {
      view = null;
    },
  };
}

/** Names the sales that a status counts. */
function countOf({ run_id, day_index, day_received }: SimulationStatus): string {
  return `${run_id} ${day_index} ${day_received}`;
}

function isComingIn({ state, day }: Snapshot): boolean {
  return state !== null && state.dayIndex >= 0 && !day?.completedAt;
}
