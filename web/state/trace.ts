import type { RunDays } from '../stream/answers.ts';

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

/** How long each step of the way took, in ms; null where that can't be told. */
export interface TraceSteps {
  readonly api: number | null;
  readonly dynamodb: number | null;
  readonly kafka: number | null;
  readonly mysql: number | null;
  readonly you: number | null;
}

/**
 * The steps of a day's way.
 *
 * The servers' times are compared with each other, the browser's likewise. Only the last step crosses from one clock to
 * the other: the click was accepted between its sending and its answer, which tells how far apart the clocks are to
 * within half of that time (RFC 5905, section 8, has the same estimate).
 *
 * @param click The click that led to the day; null if another page made it.
 * @param shownAt When the day's last sale came to this page (ms, its clock); null until then.
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

/** A sale can be stored before the producer has noted that Kafka has it: that is no time at all, not less than none. */
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
  /** Whether all of them have come to this page. */
  readonly isShown: boolean;
}

/** The step that a click is at: 0 for the API to 4 for this page; null when nothing is under way. */
export function tracePosition({ isAsking, stored, isShown }: TraceState): number | null {
  if (isAsking) return 0;
  if (!stored || isShown) return null;
  if (stored.total > 0 && stored.received >= stored.total) return 4;
  // What Kafka has is told by the first sale that is stored; before it the day stands in DynamoDB.
  return stored.received > 0 ? 3 : 1;
}
