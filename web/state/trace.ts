import type { RunDays } from '../answers.ts';

/** A click of this page, in ms of its clock. */
export interface ObservedClick {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** When a day reached each step, as the ledger has it; null where that isn't known. */
export type LedgerDay = Pick<
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

/**
 * How long each step of a day took.
 *
 * The servers' times are compared with each other, as are the browser's. Only the last step crosses from one clock to
 * the other: the click was accepted between its request and its answer, which gives the offset of the clocks to within
 * half of that time (RFC 5905, section 8, has the same estimate).
 *
 * @param click The click that led to the day; null if another page made it.
 * @param shownAt When the day's last sale arrived at this page (ms, its clock); null until then.
 */
export function traceSteps(day: LedgerDay, click: ObservedClick | null, shownAt: number | null): TraceSteps {
  const [requested, pickedUp, published, completed] = [
    day.requested_at,
    day.picked_up_at,
    day.published_at,
    day.completed_at,
  ].map((time) => (time === null ? null : Date.parse(time)));
  return {
    api: click && Math.round(click.answeredAt - click.sentAt),
    dynamodb: between(requested, pickedUp),
    kafka: between(pickedUp, published),
    mysql: between(published, completed),
    you: shownAt === null || !click ? null : between(onPageClock(completed, requested, click), shownAt),
  };
}

/** Never negative: a sale can be stored before the producer has recorded that Kafka has it. */
function between(from: number | null | undefined, to: number | null | undefined): number | null {
  if (from === null || from === undefined || to === null || to === undefined) return null;
  return Math.max(0, Math.round(to - from));
}

function onPageClock(
  time: number | null | undefined,
  requested: number | null | undefined,
  { sentAt, answeredAt }: ObservedClick,
): number | null {
  if (time === null || time === undefined || requested === null || requested === undefined) return null;
  return time - requested + (sentAt + answeredAt) / 2;
}

/** What the stream and this page know of the current day. */
export interface TraceState {
  /** A click of this page has no answer yet. */
  readonly isAsking: boolean;
  /** Sales stored, and in all; null before the first day. */
  readonly stored: { readonly received: number; readonly total: number } | null;
  /** Whether all of them have arrived at this page. */
  readonly isShown: boolean;
}

/** The step a click is at: 0 for the API to 4 for this page; null when nothing is in progress. */
export function tracePosition({ isAsking, stored, isShown }: TraceState): number | null {
  if (isAsking) return 0;
  if (!stored || isShown) return null;
  if (stored.total > 0 && stored.received >= stored.total) return 4;
  // The first stored sale shows that Kafka has the day; until then it is in DynamoDB.
  return stored.received > 0 ? 3 : 1;
}
