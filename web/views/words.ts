import {
  formatAmount,
  formatCount,
  formatDate,
  formatDays,
  formatInteger,
  formatShare,
  speakDate,
} from '../format.ts';
import { arrivalRate, backlogOf } from '../state/backlog.ts';
import type { Problem } from '../state/problem.ts';
import { SERVER_UNREACHABLE, UNREADABLE } from '../state/problem.ts';
import { type PageState, type Run, shownDay } from '../state/state.ts';
import { type DaySummary, NOTHING, plus, ranked, type Sums, type SumsByKey } from '../state/sums.ts';

/** The server sends at least a comment every 5 to 6 s: after this long, two are missing. */
const SILENT_MS = 12_000;

/** How long the number of sales caught up with is shown. */
const CAUGHT_UP_SHOWN_MS = 8_000;

/** The connection as the header shows it, with what another viewer did to everybody. */
export interface ConnectionText {
  readonly text: string;
  /** A value shown with it, and its meaning, which is left out on small screens. */
  readonly figure?: { readonly meaning: string; readonly value: string };
  /** Whether it waits for a retry that could be made at once. */
  readonly isWaiting: boolean;
}

/** Whether a connection that counts as live has been silent for longer than a heartbeat takes. */
export function isSilent({ connection }: PageState, now: number, heardAt: number): boolean {
  return connection.kind === 'live' && now - Math.max(heardAt, connection.since) > SILENT_MS;
}

/** The connection in words. @param now ms of this browser's clock. @param heardAt When the last bytes arrived. */
export function connectionText(state: PageState, now: number, heardAt = now): ConnectionText {
  const { connection, catchUp, travelled } = state;
  if (connection.kind === 'connecting') return { text: 'Connecting', isWaiting: false };
  if (connection.kind === 'away') {
    const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1_000));
    return { text: `${disconnectReason(connection.problem)}, retrying in ${seconds} s`, isWaiting: true };
  }
  if (isSilent(state, now, heardAt)) {
    return { text: `No signal for ${Math.floor((now - heardAt) / 1_000)} s`, isWaiting: false };
  }
  if (catchUp && catchUp.sales > 0 && now - catchUp.at < CAUGHT_UP_SHOWN_MS) {
    const value = `+${formatCount(catchUp.sales, 'sale')}`;
    return { text: 'Live', figure: { meaning: 'caught up,', value }, isWaiting: false };
  }
  if (travelled !== null) {
    const value = `+${formatDays(travelled)}`;
    return { text: 'Live', figure: { meaning: 'by another viewer', value }, isWaiting: false };
  }
  return { text: 'Live', isWaiting: false };
}

const AWAY_REASONS: Readonly<Record<string, string>> = {
  [SERVER_UNREACHABLE]: 'Server unreachable',
  [UNREADABLE]: 'Stream unreadable',
  too_many_viewers: 'Too many viewers',
};

/** Why the stream is disconnected, in a few words. */
function disconnectReason(problem: Problem | null): string {
  return problem ? (AWAY_REASONS[problem.code] ?? 'Server not ready') : 'Stream closed';
}

/**
 * How far the sales have arrived: of the current day, or while several days are under way, of all of them.
 *
 * @param now ms of this browser's clock.
 */
export function progressOf(
  state: PageState,
  now: number,
): { readonly percent: number; readonly text: string } {
  const { status } = state;
  if (!status?.is_running) return { percent: 0, text: 'no day yet' };
  const backlog = backlogOf(state);
  const shown = shownDay(state);
  if (!backlog && !state.run.hasHistory && shown && shown.dayIndex < status.day_index) {
    return { percent: 0, text: `catching up to day ${formatInteger(status.day_index + 1)}` };
  }
  if (!backlog)
    return {
      percent: status.progress_pct,
      text: `${formatInteger(status.day_received)} of ${formatCount(status.day_total, 'sale')}`,
    };
  const { arrived, requested, sales } = backlog;
  return {
    percent: Math.round((arrived / requested) * 1_000) / 10,
    text:
      `${formatInteger(arrived)} of ${formatDays(requested)} stored · ` +
      `${formatCount(sales, 'sale')} under way · ${remainingTime(sales / arrivalRate(state.arrivals, now))}`,
  };
}

/** @param seconds Infinite if nothing arrives. */
function remainingTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'waiting';
  return seconds < 90
    ? `about ${Math.max(1, Math.round(seconds))} s`
    : `about ${formatInteger(seconds / 60)} min`;
}

/** What is shown before the first day and after the last. */
export interface EmptyStateText {
  readonly title: string;
  readonly text: string;
  /** Totals of a complete run. */
  readonly figures: readonly (readonly [name: string, value: string])[];
}

/** What to do at the beginning and at the end; null in between. */
export function emptyStateOf({ status, run, resetBy }: PageState): EmptyStateText | null {
  if (!status) return null;
  if (status.total_days === 0) {
    const text = 'Its days appear here as soon as a data set is loaded.';
    return { title: 'No data set yet', text, figures: [] };
  }
  if (!status.is_running && run.days.size === 0) {
    return {
      title:
        resetBy === 'another viewer'
          ? 'Another viewer started the run again'
          : `${formatDays(status.total_days)} of shop history, one at a time`,
      text: 'Press Next day to send the sales of the first day through the whole pipeline and see them arrive here, or press Play to watch day after day.',
      figures: [],
    };
  }
  if (!status.is_complete) return null;
  return {
    title:
      status.total_days === 1
        ? 'The only day has been played'
        : `All ${formatDays(status.total_days)} have been played`,
    text: 'Press Reset to start a new run.',
    figures: run.days.size < status.total_days ? [] : figuresOf(run),
  };
}

/** Name of a figure that is left out if the data set has no discounts. */
export const DISCOUNT_GIVEN = 'Discount given';

function figuresOf({ days, breakdown }: Run): [name: string, value: string][] {
  const all = [...days.values()];
  const sums = all.reduce<Sums>(plus, NOTHING);
  const best = all.reduce<DaySummary | null>(
    (most, day) => (most && most.netCents >= day.netCents ? most : day),
    null,
  );
  const sales = all.reduce((sum, { events }) => sum + events, 0);
  const top = (groups: SumsByKey) => ranked(groups, 'netCents')[0]?.key ?? '–';
  return [
    ['Net revenue', formatAmount(sums.netCents)],
    [DISCOUNT_GIVEN, formatShare(sums.listCents - sums.netCents, sums.listCents)],
    ['Units', formatInteger(sums.units)],
    ['Sales', formatInteger(sales)],
    ['Best day', best ? `${formatDate(best.date)}, ${formatAmount(best.netCents)}` : '–'],
    ['Best store', top(breakdown.stores)],
    ['Best product', top(breakdown.products)],
  ];
}

/** Speech can't keep up with the stream: at most one sentence per this time. */
const EVERY_MS = 5_000;

/** Announces complete days, and immediately what other viewers did and when the connection is lost or restored. @param say Announces a sentence to screen readers. */
export function createSpeaker(say: (sentence: string) => void): (state: PageState, now: number) => void {
  let spokenAt = Number.NEGATIVE_INFINITY;
  let spokenDay = '';
  let isLost = false;
  let spokenResets = 0;
  let spokenTravel: number | null = null;

  function speak(sentence: string, now: number): void {
    say(sentence);
    spokenAt = now;
  }

  return ({ connection, status, othersResets, travelled }, now) => {
    if (connection.kind === 'away' && !isLost) {
      isLost = true;
      return speak(`${disconnectReason(connection.problem)}. Reconnecting automatically.`, now);
    }
    if (connection.kind === 'live' && isLost) {
      isLost = false;
      return speak('Reconnected.', now);
    }
    if (othersResets !== spokenResets) {
      spokenResets = othersResets;
      return speak('Another viewer started the run again.', now);
    }
    if (travelled !== spokenTravel) {
      spokenTravel = travelled;
      if (travelled !== null) return speak(`Another viewer advanced by ${formatDays(travelled)}.`, now);
    }
    if (!status?.current_day || status.day_received < status.day_total || now - spokenAt < EVERY_MS) return;
    const day = `${speakDate(status.current_day)}, day ${status.day_index + 1} of ${status.total_days}`;
    if (`${status.run_id} ${day}` === spokenDay) return;
    spokenDay = `${status.run_id} ${day}`;
    speak(`${day}: all ${formatCount(status.day_total, 'sale')} stored.`, now);
  };
}
