import type { FeedPosition, PageAnswer, ReadPage } from './feed-pages.ts';
import { RESET_FRAME } from './frames.ts';
import { createPendingRequest, type PendingRequestOptions } from './pending-request.ts';
import type { StartPosition } from './start-position.ts';
import type { LiveRun, LiveView, PublishedStatus } from './tail.ts';

export interface CursorOptions extends PendingRequestOptions {
  readonly start: StartPosition;
  readonly view: () => LiveView | null;
  readonly readPage: ReadPage;
}

/** Where a viewer stands: it has every event of the run up to `position`. */
interface ViewerPosition {
  readonly runId: string;
  readonly position: number;
}

/**
 * A viewer's way through the events, as a function that gives the next chunk, or null while there is none. It decides
 * where the stream begins, catches up through pages until the log reaches back far enough, then follows the log.
 */
export function createCursor({
  start,
  view: currentView,
  readPage,
  ...rest
}: CursorOptions): () => Buffer | null {
  const request = createPendingRequest(rest);
  /** Chunks that are decided already; a handful at most. */
  const pendingChunks: Buffer[] = [];
  /** Null until it is decided where the stream begins. */
  let reached: ViewerPosition | null = null;
  /** Version of the status that was sent last. */
  let statusSent = 0;
  /** It came before there was any run, and has been told so. */
  let cameBeforeFirstRun = false;

  function next(): Buffer | null {
    let canGoOn = true;
    while (pendingChunks.length === 0 && canGoOn) {
      const view = currentView();
      canGoOn = view !== null && advance(view);
    }
    return pendingChunks.shift() ?? null;
  }

  /** Takes one step. False if there is nothing to do until something changes. */
  function advance(view: LiveView): boolean {
    if (!view.run) return awaitFirstRun(view.newest);
    const state = request.poll(view.run.id);
    if (state === 'answered') return true;
    if (state === 'waiting') return reached === null && request.hasFailed() && send(view.newest);
    if (!reached) return join(view, view.run);
    if (reached.runId !== view.run.id) return restart(view.run.id);
    return follow(view, view.run, reached);
  }

  function awaitFirstRun(status: PublishedStatus): boolean {
    if (!cameBeforeFirstRun && start.kind !== 'none') pendingChunks.push(RESET_FRAME);
    cameBeforeFirstRun = true;
    return send(status);
  }

  function join(view: LiveView, run: LiveRun): boolean {
    if (cameBeforeFirstRun) return enter(run.id, 0);
    if (start.kind === 'unknown') return enterFromStart(run.id);
    if (start.kind === 'none') return view.dayIndex < 0 ? enter(run.id, 0) : joinDay(run, view.dayIndex);
    return run.log.has(start.id) ? enter(run.id, start.id) : resume(run.id, start.id);
  }

  /** If the day has no event yet, its first one comes behind all that was visible before this is asked. */
  function joinDay({ id: runId, log }: LiveRun, dayIndex: number): boolean {
    const visibleBefore = log.end;
    return ask(runId, { kind: 'day', day_index: dayIndex }, ({ page }) =>
      enter(runId, page?.end ?? visibleBefore, page?.bytes),
    );
  }

  function resume(runId: string, id: number): boolean {
    return ask(runId, { kind: 'resume', id }, ({ known, page }) =>
      known ? enter(runId, page?.end ?? id, page?.bytes) : enterFromStart(runId),
    );
  }

  function enterFromStart(runId: string): boolean {
    pendingChunks.push(RESET_FRAME);
    statusSent = 0;
    return enter(runId, 0);
  }

  function enter(runId: string, position: number, bytes?: Buffer): boolean {
    const view = currentView();
    if (view) send(view.newest);
    if (bytes) pendingChunks.push(bytes);
    reached = { runId, position };
    return true;
  }

  function restart(runId: string): boolean {
    pendingChunks.push(RESET_FRAME);
    statusSent = 0;
    reached = { runId, position: 0 };
    return true;
  }

  function follow({ settled }: LiveView, { id: runId, log }: LiveRun, { position }: ViewerPosition): boolean {
    if (!log.covers(position)) return catchUp(runId, position, log.startAfter);
    const piece = log.after(position);
    if (!piece) return settled !== null && send(settled);
    pendingChunks.push(piece.bytes);
    reached = { runId, position: piece.end };
    return true;
  }

  function catchUp(runId: string, position: number, logBegin: number): boolean {
    return ask(runId, { kind: 'after', id: position }, ({ page }) => {
      // Without a page there is nothing between here and the log.
      reached = { runId, position: page?.end ?? logBegin };
      if (page) pendingChunks.push(page.bytes);
    });
  }

  function ask(runId: string, position: FeedPosition, apply: (answer: PageAnswer) => void): boolean {
    request.start(runId, () => readPage(runId, position, currentView()?.run?.log.end ?? 0), apply);
    return false;
  }

  /** False if it has that status or a newer one. */
  function send(status: PublishedStatus): boolean {
    if (status.version <= statusSent) return false;
    pendingChunks.push(status.frame);
    statusSent = status.version;
    return true;
  }

  return next;
}
