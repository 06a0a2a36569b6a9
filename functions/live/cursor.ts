import { eventsQuery } from '../../shared/api/live.ts';
import { readQuery } from '../../shared/http/request-input.ts';
import type { ApiEvent } from '../../shared/http/request-state.ts';
import type { FeedPosition, PageResult, ReadPage } from './feed-pages.ts';
import { RESET_FRAME } from './frames.ts';
import type { PendingRequest } from './pending-request.ts';
import type { LiveRun, LiveView, PublishedStatus } from './tail.ts';

/** The position at which a viewer asks to begin. */
export type StartPosition =
  /** No position given: at the start of the current day. */
  | { readonly kind: 'none' }
  /** After the last id it received; not yet checked against the run. */
  | { readonly kind: 'id'; readonly id: number }
  /** After something that can't be the id of an event. */
  | { readonly kind: 'unknown' };

/**
 * Reads the position from the header `Last-Event-ID` or the parameter `since`. The header wins: a reconnecting browser
 * repeats its original address and adds the header with the last id it received. An invalid header is accepted as unknown,
 * because a browser could not correct it.
 *
 * @throws HttpProblem `invalid_request` if the parameter `since` is not an integer.
 */
export function startPositionOf({
  headers,
  rawQueryString,
}: Pick<ApiEvent, 'headers' | 'rawQueryString'>): StartPosition {
  const { since } = readQuery(eventsQuery, rawQueryString);
  const lastEventId = headers['last-event-id'];
  if (lastEventId) return positionAfter(/^\d+$/.test(lastEventId) ? Number(lastEventId) : 0);
  return since === undefined ? { kind: 'none' } : positionAfter(since);
}

function positionAfter(id: number): StartPosition {
  return id > 0 && Number.isSafeInteger(id) ? { kind: 'id', id } : { kind: 'unknown' };
}

/** Returns the next chunk of a viewer's stream, or null while there is none. */
export type NextChunk = () => Buffer | null;

/** A viewer's progress: it has received every event of the run up to this id, except those that its opening left out. */
interface ViewerPosition {
  readonly runId: string;
  readonly id: number;
  readonly opening?: Opening;
}

/**
 * What a viewer without a position gets first: of the events up to an id, those of a day and of later ones. After a jump the
 * days of a backlog are stored side by side, so the events after a day's first one would be those of dozens of days.
 */
interface Opening {
  readonly dayIndex: number;
  readonly upTo: number;
}

/**
 * Steps one viewer through the events: decides where its stream begins, catches up page by page until the log reaches
 * back far enough, then follows the log.
 *
 * @param start Where the viewer asks to begin.
 * @param currentView The simulation as viewers see it now; null until it is known.
 * @param readPage Reads pages that the log has dropped.
 * @param openingFrame Encodes the message that precedes an opening.
 * @param request This viewer's outstanding request.
 */
export function createCursor(
  start: StartPosition,
  currentView: () => LiveView | null,
  readPage: ReadPage,
  openingFrame: (dayIndex: number, upTo: number) => Buffer,
  request: PendingRequest,
): NextChunk {
  /** Chunks that are ready to be sent; a handful at most. */
  const pendingChunks: Buffer[] = [];
  /** Null until it is decided where the stream begins. */
  let position: ViewerPosition | null = null;
  /** Version of the last status sent. */
  let statusSent = 0;
  /** The viewer connected before the first run and was sent that status. */
  let cameBeforeFirstRun = false;

  function nextChunk(): Buffer | null {
    let canContinue = true;
    while (pendingChunks.length === 0 && canContinue) {
      const view = currentView();
      canContinue = view !== null && step(view);
    }
    return pendingChunks.shift() ?? null;
  }

  /** @returns false if nothing can be done until something changes. */
  function step(view: LiveView): boolean {
    if (!view.run) return awaitFirstRun(view.newest);
    const state = request.poll(view.run.id);
    if (state === 'answered') return true;
    if (state === 'waiting') return position === null && request.hasFailed() && send(view.newest);
    if (!position) return join(view, view.run);
    if (position.runId !== view.run.id) return restart(view.run.id);
    const { id, opening } = position;
    return opening && id < opening.upTo ? readOpening(view.run.id, id, opening) : follow(view, view.run, id);
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

  /** Begins with the events of a day that are visible now; events that become visible later have greater ids. */
  function joinDay({ id: runId, log }: LiveRun, dayIndex: number): boolean {
    const opening = { dayIndex, upTo: log.end };
    return readOpening(runId, 0, opening);
  }

  function readOpening(runId: string, after: number, opening: Opening): boolean {
    const { dayIndex, upTo } = opening;
    const from = { kind: 'day', day_index: dayIndex, after, up_to: upTo } as const;
    return startRequest(runId, from, ({ page }) => {
      if (!position) greet(openingFrame(dayIndex, upTo));
      if (page) pendingChunks.push(page.bytes);
      position = { runId, id: page?.end ?? upTo, opening };
    });
  }

  function resume(runId: string, id: number): boolean {
    return startRequest(runId, { kind: 'resume', id }, ({ known, page }) =>
      known ? enter(runId, page?.end ?? id, page?.bytes) : enterFromStart(runId),
    );
  }

  function enterFromStart(runId: string): boolean {
    pendingChunks.push(RESET_FRAME);
    statusSent = 0;
    return enter(runId, 0);
  }

  function enter(runId: string, id: number, bytes?: Buffer): boolean {
    greet(bytes);
    position = { runId, id };
    return true;
  }

  /** Sends the newest status, and what follows it. */
  function greet(bytes?: Buffer): void {
    const view = currentView();
    if (view) send(view.newest);
    if (bytes) pendingChunks.push(bytes);
  }

  function restart(runId: string): boolean {
    pendingChunks.push(RESET_FRAME);
    statusSent = 0;
    position = { runId, id: 0 };
    return true;
  }

  function follow({ settled }: LiveView, { id: runId, log }: LiveRun, id: number): boolean {
    if (!log.covers(id)) return catchUp(runId, id, log.startAfter);
    const piece = log.after(id);
    if (!piece) return settled !== null && send(settled);
    pendingChunks.push(piece.bytes);
    position = { runId, id: piece.end };
    return true;
  }

  function catchUp(runId: string, id: number, logStart: number): boolean {
    return startRequest(runId, { kind: 'after', id }, ({ page }) => {
      // An empty result means that the run has no event between this position and the log.
      position = { runId, id: page?.end ?? logStart };
      if (page) pendingChunks.push(page.bytes);
    });
  }

  function startRequest(runId: string, from: FeedPosition, apply: (result: PageResult) => void): boolean {
    request.start(runId, () => readPage(runId, from), apply);
    return false;
  }

  /** @returns false if the viewer already has this status or a newer one. */
  function send(status: PublishedStatus): boolean {
    if (status.version <= statusSent) return false;
    pendingChunks.push(status.frame);
    statusSent = status.version;
    return true;
  }

  return nextChunk;
}
