import type { Opening, SaleMessage, StatusMessage } from '../../shared/api/live.ts';
import { addArrival } from './backlog.ts';
import { isTransient, NO_ANSWER, type Problem, SERVER_UNREACHABLE } from './problem.ts';
import { addHistory, addToRun, type History, openRun } from './run.ts';
import {
  type CatchUp,
  type Connection,
  daysLeft,
  emptyRun,
  FEED_LENGTH,
  type PageState,
  type Play,
  type Run,
} from './state.ts';

/** Everything that can change what the page shows. Times in ms of this browser. */
export type Message =
  | { readonly type: 'sales'; readonly sales: readonly SaleMessage[]; readonly at: number }
  | { readonly type: 'status'; readonly status: StatusMessage }
  | { readonly type: 'opening'; readonly opening: Opening }
  | { readonly type: 'reset' }
  /** This page is about to request a reset. */
  | { readonly type: 'resetting' }
  /** That request certainly had no effect. */
  | { readonly type: 'resetRefused' }
  | { readonly type: 'history'; readonly history: History }
  | { readonly type: 'connection'; readonly connection: Connection }
  | { readonly type: 'play'; readonly play: Partial<Play> }
  /** This page is about to request an advance, for a person or to go on playing; it is answered by `accepted` or `refused`. */
  | { readonly type: 'advancing'; readonly isPlayback: boolean }
  | { readonly type: 'accepted'; readonly runId: string; readonly dayIndex: number }
  | { readonly type: 'refused' }
  /** The user has noticed what another viewer did. */
  | { readonly type: 'noticed'; readonly what: 'reset' | 'travel' }
  | { readonly type: 'problem'; readonly problem: Problem | null };

/** The state after a message. */
export function reduce(state: PageState, message: Message): PageState {
  switch (message.type) {
    case 'sales':
      return withSales(state, message.sales, message.at);
    case 'status':
      return untilTheEnd({
        ...state,
        problem: isAnswered(state, message.status) ? null : state.problem,
        status: message.status,
        run: runOf(state, message.status),
        travelled: travelOf(state, message.status),
        resetBy: resetByBefore(state, message.status),
        catchUp: aimCatchUp(state.catchUp, message.status),
      });
    case 'opening':
      return { ...state, run: openRun(state.run, message.opening) };
    case 'reset':
      return {
        ...withPlay(state, { isPlaying: false }),
        status: state.status && notBegun(state.status),
        run: emptyRun,
        feed: [],
        arrivals: [],
        catchUp: null,
        travelled: null,
        ...resetOf(state),
      };
    case 'resetting':
      return { ...state, resetBy: 'this page' };
    case 'resetRefused':
      return state.resetBy === 'this page' ? { ...state, resetBy: null } : state;
    case 'history':
      return { ...state, run: addHistory(state.run, message.history) };
    case 'connection':
      return {
        ...withoutOutage(state, message.connection),
        connection: message.connection,
        catchUp: beginCatchUp(message.connection),
      };
    case 'play':
      return untilTheEnd(withPlay(message.play.isPlaying ? noticed(state) : state, message.play));
    case 'accepted':
      return {
        ...state,
        advancing: state.advancing - 1,
        ownDay: { runId: message.runId, dayIndex: message.dayIndex },
        problem: null,
      };
    case 'advancing':
      return { ...(message.isPlayback ? state : noticed(state)), advancing: state.advancing + 1 };
    case 'refused':
      return { ...state, advancing: state.advancing - 1 };
    case 'noticed':
      return message.what === 'reset' ? { ...state, resetBy: null } : { ...state, travelled: null };
    case 'problem':
      return { ...state, problem: message.problem };
  }
}

/** A user who presses a button has seen what other viewers did before. What they do until the answer arrives stays announced. */
function noticed(state: PageState): PageState {
  const resetBy = state.resetBy === 'another viewer' ? null : state.resetBy;
  return { ...state, resetBy, travelled: null };
}

function withPlay(state: PageState, play: Partial<Play>): PageState {
  return { ...state, play: { ...state.play, ...play } };
}

/** A reset of a run that had begun, requested by this page or by another viewer. */
function resetOf({ resetBy, othersResets, status }: PageState): Pick<PageState, 'resetBy' | 'othersResets'> {
  if (resetBy === 'this page') return { resetBy, othersResets };
  return status?.is_running
    ? { resetBy: 'another viewer', othersResets: othersResets + 1 }
    : { resetBy: null, othersResets };
}

/** A reset by this page is over once its run is reported: the next one may be another viewer's. */
function resetByBefore({ resetBy, status }: PageState, next: StatusMessage): PageState['resetBy'] {
  return resetBy === 'this page' && status !== null && status.run_id !== next.run_id ? null : resetBy;
}

/** Days that are announced if another viewer advances by more at once. */
const ANNOUNCED_DAYS = 7;

/** How many days another viewer has just advanced everyone, if many. What this page may have done itself is not announced. */
function travelOf(state: PageState, next: StatusMessage): number | null {
  const { status, catchUp, advancing, ownDay, problem, travelled } = state;
  if (!status || status.run_id !== next.run_id || (catchUp && !catchUp.upTo)) return travelled;
  const isOwn = ownDay !== null && ownDay.runId === next.run_id && ownDay.dayIndex >= next.day_index;
  const isMaybeOwn = advancing > 0 || isOwn || problem?.code === NO_ANSWER;
  const days = next.day_index - status.day_index;
  return days > ANNOUNCED_DAYS && !isMaybeOwn ? days : travelled;
}

/** Whether a request's problem is obsolete, because the simulation has moved on. */
function isAnswered({ problem, status }: PageState, next: StatusMessage): boolean {
  if (!problem || !isTransient(problem)) return false;
  return next.day_index !== status?.day_index || next.run_id !== status.run_id;
}

/** Before its first day a run has no history: all of its sales will arrive by the stream. */
function runOf({ run }: PageState, { day_index }: StatusMessage): Run {
  return day_index === -1 && run.days.size === 0 && !run.hasHistory ? { ...run, hasHistory: true } : run;
}

/** After the last day there is nothing left to play. */
function untilTheEnd(state: PageState): PageState {
  return state.play.isPlaying && daysLeft(state) <= 0 ? withPlay(state, { isPlaying: false }) : state;
}

/** Once the server is reachable again, the banner that says otherwise is obsolete. */
function withoutOutage(state: PageState, { kind }: Connection): PageState {
  return kind === 'live' && state.problem?.code === SERVER_UNREACHABLE ? { ...state, problem: null } : state;
}

function withSales(state: PageState, sales: readonly SaleMessage[], at: number): PageState {
  return {
    ...state,
    run: addToRun(state.run, sales, at),
    feed: [...sales.slice(-FEED_LENGTH).reverse(), ...state.feed].slice(0, FEED_LENGTH),
    arrivals: addArrival(state.arrivals, sales.length, at),
    catchUp: countCatchUp(state.catchUp, sales, state.run, at),
  };
}

/** The status of a new run until the server reports it. */
function notBegun(status: StatusMessage): StatusMessage {
  return {
    ...status,
    current_day: null,
    day_index: -1,
    day_total: 0,
    day_received: 0,
    is_running: false,
    is_complete: false,
    progress_pct: 0,
  };
}

/** A resumed connection has missed sales to catch up with. */
function beginCatchUp(connection: Connection): CatchUp | null {
  if (connection.kind !== 'live' || !connection.resumed) return null;
  return { upTo: null, sales: 0, at: connection.since };
}

/** The first status of a connection precedes its sales and shows how much was missed. */
function aimCatchUp(catchUp: CatchUp | null, status: StatusMessage): CatchUp | null {
  if (!catchUp || catchUp.upTo) return catchUp;
  return { ...catchUp, upTo: { dayIndex: status.day_index, received: status.day_received } };
}

/** Counts the missed sales among those that arrived at a time (ms). @param run The run without these sales. */
function countCatchUp(
  catchUp: CatchUp | null,
  sales: readonly SaleMessage[],
  run: Run,
  at: number,
): CatchUp | null {
  if (!catchUp?.upTo) return catchUp;
  const { dayIndex, received } = catchUp.upTo;
  const before = sales.filter(({ day_index }) => day_index < dayIndex).length;
  const ofDay = sales.filter(({ day_index }) => day_index === dayIndex).length;
  const missing = Math.max(0, received - (run.days.get(dayIndex)?.events ?? 0));
  const missed = before + Math.min(ofDay, missing);
  return missed === 0 ? catchUp : { ...catchUp, sales: catchUp.sales + missed, at };
}
