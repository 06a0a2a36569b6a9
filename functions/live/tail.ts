import type { SimulationStatus } from '../../shared/api/simulation.ts';
import type { SimulationState, Snapshot } from '../../shared/simulation/state.ts';
import { simulationStatus } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { createEventLog, type EventLog, encodePage } from './event-log.ts';
import type { PageSource } from './feed-pages.ts';
import { statusFrame } from './frames.ts';

/** A status, encoded once for all viewers. */
export interface PublishedStatus {
  /** Incremented whenever the status differs from the previous one. */
  readonly version: number;
  readonly frame: Buffer;
}

/** The current run, as far as it has been read. */
export interface LiveRun {
  readonly id: string;
  readonly log: EventLog;
}

/** The simulation as viewers see it at one moment. */
export interface LiveView {
  /** Null before the first init. */
  readonly run: LiveRun | null;
  readonly dayIndex: number;
  /** For viewers that just connected. It may count sales that the log does not hold yet. */
  readonly newest: PublishedStatus;
  /**
   * For viewers that have read the log: the newest status whose sales are all in it; null until there is one. It may be older by
   * {@link TailOptions.statusHoldMs}.
   */
  readonly settled: PublishedStatus | null;
}

interface TailOptions {
  readonly store: Pick<SimulationStore, 'readSnapshot'>;
  readonly feed: PageSource;
  readonly pageSize: number;
  readonly logBytes: number;
  /** How long a status waits for the sales that it announces, in milliseconds. */
  readonly statusHoldMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Called whenever viewers may have something new to receive. */
  readonly onChange: () => void;
  /** Called when a status waits, so viewers have something new to receive soon. */
  readonly onHold: () => void;
}

/** Follows the current run's newest event: the only reader of the stores for all viewers of a process. */
export interface Tail {
  /** Null until the first poll has read the store. */
  view(): LiveView | null;
  /**
   * Reads the store, and `feed` if there are new sales.
   *
   * @returns whether the current day is still incomplete.
   * @throws if either fails; what was read until then is kept, and the next poll continues from there.
   */
  poll(): Promise<boolean>;
  /** Discards the view, which will no longer be kept up to date. The log is kept and continued if it is recent enough. */
  forgetView(): void;
}

/** Creates a tail that has read nothing yet. */
export function createTail(options: TailOptions): Tail {
  const { store, feed, pageSize, logBytes, statusHoldMs, now, onChange, onHold } = options;
  let view: LiveView | null = null;
  let run: LiveRun | null = null;
  let newest: PublishedStatus = { version: 0, frame: Buffer.alloc(0) };
  let newestText = '';
  /** The count of sales when the log was last read to its end. */
  let countRead = '';
  /** Since when the newest status waits for sales; null while none waits. */
  let heldSince: number | null = null;

  async function poll(): Promise<boolean> {
    const snapshot = await store.readSnapshot(
      view?.run ? { runId: view.run.id, dayIndex: view.dayIndex } : undefined,
    );
    const status = simulationStatus(snapshot);
    const current = snapshot.state && liveRun(snapshot.state, snapshot.progress?.headId ?? 0);
    show(current, status);
    if (current) await readNewEvents(current, snapshot.progress?.headId ?? 0, countOf(status));
    const isIncomplete = isDayIncomplete(snapshot);
    settle(isIncomplete);
    return isIncomplete;
  }

  /** The current run with its log: the existing one if it can be continued, else a new one. */
  function liveRun({ runId }: SimulationState, headId: number): LiveRun {
    const isWatched = view !== null;
    if (run?.id === runId && (isWatched || headId - run.log.end <= pageSize)) return run;
    // A run that starts while there are viewers is logged from its first event; one already in progress, from now on.
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
   * Reads all visible events page by page if the run's head or the day's count has grown. The two are written one after
   * the other, so either may be ahead.
   */
  async function readNewEvents({ id, log }: LiveRun, headId: number, count: string): Promise<void> {
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

  /**
   * The status of an accepted day waits for the day's sales: a status of its own costs a thousand viewers as many writes, for which
   * the sales on their way would wait (docs/decisions/0075).
   */
  function settle(isIncomplete: boolean): void {
    if (!view || view.settled === view.newest) {
      heldSince = null;
      return;
    }
    heldSince ??= now();
    if (view.settled && isIncomplete && now() - heldSince < statusHoldMs) {
      onHold();
      return;
    }
    heldSince = null;
    view = { ...view, settled: view.newest };
    onChange();
  }

  return {
    view: () => view,
    poll,
    forgetView: () => {
      view = null;
    },
  };
}

/** Identifies the sales that a status counts. */
function countOf({ run_id, day_index, day_received }: SimulationStatus): string {
  return `${run_id} ${day_index} ${day_received}`;
}

function isDayIncomplete({ state, day }: Snapshot): boolean {
  return state !== null && state.dayIndex >= 0 && !day?.completedAt;
}
