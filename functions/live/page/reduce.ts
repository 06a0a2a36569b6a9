import type { SaleMessage, StatusMessage } from '../messages.ts';
import { addSales, type DaySummary, emptyDay } from './day-summary.ts';
import { type Problem, SERVER_AWAY } from './problem.ts';
import { type AcceptedClick, type Connection, FEED_LENGTH, type PageState } from './state.ts';

/** Everything that can change what the page shows. Times in ms of this browser. */
export type Message =
  | { readonly type: 'sales'; readonly sales: readonly SaleMessage[]; readonly at: number }
  | { readonly type: 'status'; readonly status: StatusMessage }
  | { readonly type: 'reset' }
  | { readonly type: 'connection'; readonly connection: Connection }
  | { readonly type: 'accepted'; readonly click: AcceptedClick }
  | { readonly type: 'problem'; readonly problem: Problem | null };

/** What arrives that soon after a resumed connection was missed while it was broken. */
const CATCH_UP_MS = 1_500;

/** The state after a message. */
export function reduce(state: PageState, message: Message): PageState {
  switch (message.type) {
    case 'sales':
      return withSales(state, message.sales, message.at);
    case 'status':
      return { ...state, status: message.status };
    case 'reset':
      return {
        ...state,
        status: state.status && notBegun(state.status),
        days: new Map(),
        feed: [],
        caughtUp: 0,
      };
    case 'connection':
      return { ...withoutOutage(state, message.connection), connection: message.connection, caughtUp: 0 };
    case 'accepted':
      return { ...state, lastClick: message.click, problem: null };
    case 'problem':
      return { ...state, problem: message.problem };
  }
}

/** A server that is back needs no notice that it was away. */
function withoutOutage(state: PageState, { kind }: Connection): PageState {
  return kind === 'live' && state.problem?.code === SERVER_AWAY ? { ...state, problem: null } : state;
}

function withSales(state: PageState, sales: readonly SaleMessage[], at: number): PageState {
  return {
    ...state,
    days: addToDays(state.days, sales, at),
    feed: [...sales.slice(-FEED_LENGTH).reverse(), ...state.feed].slice(0, FEED_LENGTH),
    caughtUp: isCatchUp(state.connection, at) ? state.caughtUp + sales.length : state.caughtUp,
  };
}

function isCatchUp(connection: Connection, at: number): boolean {
  return connection.kind === 'live' && connection.resumed && at - connection.since < CATCH_UP_MS;
}

function addToDays(
  days: ReadonlyMap<number, DaySummary>,
  sales: readonly SaleMessage[],
  at: number,
): ReadonlyMap<number, DaySummary> {
  const added = new Map(days);
  for (const [dayIndex, ofDay] of Map.groupBy(sales, ({ day_index }) => day_index)) {
    const [first] = ofDay;
    if (first) added.set(dayIndex, addSales(added.get(dayIndex) ?? emptyDay(first), ofDay, at));
  }
  return added;
}

/** What is certain of a new run before its own status comes. */
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
