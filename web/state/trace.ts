import type { RunDays } from '../answers.ts';

/** A click of this page, in ms of its clock. */
export interface ObservedClick {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** When a day reached each step, as the ledger has it; null where that isn't known. */
export type LedgerTimes = Pick<
  RunDays['days'][number],
  'day_index' | 'date' | 'requested_at' | 'picked_up_at' | 'published_at' | 'completed_at'
>;

/** How long each step took, in ms; null if unknown. */
export interface TraceSteps {
  readonly api: number | null;
  readonly dynamodb: number | null;
  readonly kafka: number | null;
  readonly mysql: number | null;
  readonly you: number | null;
}

export interface Trace {
  readonly steps: TraceSteps;
  /** The exact sum of the steps, unless one between the first and the last that are known is missing; null if unknown. */
  readonly total: number | null;
}

/**
 * How long each step of a day took.
 *
 * The servers' times are compared with each other, as are the browser's. Only the first and the last step cross from one clock
 * to the other: the click was accepted between its request and its answer, so in their middle, to within half of that time
 * (RFC 5905, section 8, has the same estimate), or earlier if the last sale was here too soon for that.
 *
 * @param click The click that led to the day; null if another page made it. Then the total is that of the servers' steps.
 * @param shownAt When the day's last sale arrived at this page (ms, its clock); null until then.
 */
export function traceOf(day: LedgerTimes, click: ObservedClick | null, shownAt: number | null): Trace {
  const requested = timeOf(day.requested_at);
  const seen = click && shownAt !== null ? Math.max(0, shownAt - click.sentAt) : null;
  const ofServers = between(requested, timeOf(day.completed_at)) ?? 0;
  const middle = click && Math.round((click.answeredAt - click.sentAt) / 2);
  const api = middle === null || seen === null ? middle : Math.max(0, Math.min(middle, seen - ofServers));
  // What is on this page was stored before. Without the request's time, both can't be compared.
  const latest = api === null || seen === null || requested === null ? null : seen - api;
  const moments = inOrder(
    [requested, timeOf(day.picked_up_at), timeOf(day.published_at), timeOf(day.completed_at)],
    requested === null || latest === null ? null : requested + latest,
  );
  const [, pickedUp = null, published = null, completed = null] = moments;
  const stored = between(requested, completed);
  return {
    steps: {
      api,
      dynamodb: between(requested, pickedUp),
      kafka: between(pickedUp, published),
      mysql: between(published, completed),
      you: latest === null || stored === null ? null : latest - stored,
    },
    total: click ? seen : stored,
  };
}

function timeOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

/**
 * No step begins after a later one: the last sale can be stored before the producer has recorded that Kafka has it, and the
 * servers' clocks differ a little.
 */
function inOrder(moments: readonly (number | null)[], latest: number | null): (number | null)[] {
  let bound = latest ?? Number.POSITIVE_INFINITY;
  const capped = moments.toReversed().map((moment) => {
    if (moment === null) return null;
    bound = Math.min(bound, moment);
    return bound;
  });
  const first = moments[0] ?? Number.NEGATIVE_INFINITY;
  return capped.toReversed().map((moment) => (moment === null ? null : Math.max(first, moment)));
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from);
}

/** What the stream and this page know of the current day. */
export interface TraceState {
  /** A click of this page has no answer yet. */
  readonly isAsking: boolean;
  /** Sales stored, and in all; null before the first day. */
  readonly stored: { readonly received: number; readonly total: number } | null;
  /** Whether all of them have arrived at this page. */
  readonly isShown: boolean;
  /** Several days are under way, and sales of earlier ones arrive. */
  readonly isDraining: boolean;
}

/** The step a click is at: 0 for the API to 4 for this page; null when nothing is in progress. */
export function tracePosition({ isAsking, stored, isShown, isDraining }: TraceState): number | null {
  if (isAsking) return 0;
  if (!stored || isShown) return null;
  if (stored.total > 0 && stored.received >= stored.total) return 4;
  // A stored sale shows that Kafka has the day; until then it is in DynamoDB.
  return stored.received > 0 || isDraining ? 3 : 1;
}
