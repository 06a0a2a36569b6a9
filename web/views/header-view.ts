import { formatDate, formatDelay, formatInteger, speakDate } from '../format.ts';
import { type Problem, SERVER_UNREACHABLE, UNREADABLE } from '../state/problem.ts';
import { latestLatency, type PageState } from '../state/state.ts';
import { byId, setText } from './dom.ts';

/** How long it is told how much was caught up with. */
const CAUGHT_UP_SHOWN_MS = 8_000;

/** What the bar says about the connection. */
export interface ConnectionText {
  readonly text: string;
  /** A figure that goes with it, and what it means, for which a small screen has no room. */
  readonly figure?: { readonly meaning: string; readonly value: string };
  /** Whether there is something to wait for, which could be tried at once. */
  readonly isWaiting: boolean;
}

/** The connection in words. @param now ms of this browser's clock. */
export function connectionText(state: PageState, now: number): ConnectionText {
  const { connection, catchUp } = state;
  if (connection.kind === 'connecting') return { text: 'Connecting', isWaiting: false };
  if (connection.kind === 'away') {
    const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1_000));
    return { text: `${disconnectReason(connection.problem)}, next try in ${seconds} s`, isWaiting: true };
  }
  if (catchUp && catchUp.sales > 0 && now - catchUp.at < CAUGHT_UP_SHOWN_MS) {
    const value = `+${formatInteger(catchUp.sales)} events`;
    return { text: 'Live', figure: { meaning: 'caught up,', value }, isWaiting: false };
  }
  const ms = latestLatency(state);
  if (ms === null) return { text: 'Live', isWaiting: false };
  return {
    text: 'Live',
    figure: { meaning: 'click to last sale', value: formatDelay(ms) },
    isWaiting: false,
  };
}

const AWAY_REASONS: Readonly<Record<string, string>> = {
  [SERVER_UNREACHABLE]: 'Server away',
  [UNREADABLE]: 'Stream unreadable',
  too_many_viewers: 'Stream full',
};

/** Why the connection is broken, in two words. */
export function disconnectReason(problem: Problem | null): string {
  return problem ? (AWAY_REASONS[problem.code] ?? 'Server not ready') : 'Stream ended';
}

/** Draws date, day and connection. */
export function createHeaderView(retryNow: () => void): (state: PageState, now: number) => void {
  const date = byId('date', HTMLTimeElement);
  const dayOf = byId('day-of', HTMLElement);
  const connection = byId('connection', HTMLElement);
  const text = byId('connection-state', HTMLElement);
  const meaning = byId('connection-meaning', HTMLElement);
  const value = byId('connection-value', HTMLElement);
  const tryNow = byId('try-now', HTMLButtonElement);
  tryNow.addEventListener('click', retryNow);

  return (state, now) => {
    const { status } = state;
    setText(date, status?.current_day ? formatDate(status.current_day) : dateBefore(state));
    date.dateTime = status?.current_day ?? '';
    setText(
      dayOf,
      status ? `day ${formatInteger(status.day_index + 1)} of ${formatInteger(status.total_days)}` : '',
    );
    const { text: words, figure, isWaiting } = connectionText(state, now);
    connection.dataset.state = state.connection.kind;
    setText(text, figure ? `${words} ·` : words);
    setText(meaning, figure ? ` ${figure.meaning}` : '');
    setText(value, figure ? ` ${figure.value}` : '');
    tryNow.hidden = !isWaiting;
  };
}

function dateBefore({ status }: PageState): string {
  if (!status) return '–';
  return status.total_days > 0 ? 'Before the first day' : 'No calendar yet';
}

/** Draws how much of the current day is stored. */
export function createProgressView(): (state: PageState) => void {
  const bar = byId('progress', HTMLElement);
  const fill = byId('progress-fill', HTMLElement);
  const text = byId('progress-text', HTMLElement);

  return ({ status }) => {
    const percent = status?.progress_pct ?? 0;
    bar.setAttribute('aria-valuenow', String(percent));
    fill.style.transform = `scaleX(${percent / 100})`;
    const counts = status?.is_running
      ? `${formatInteger(status.day_received)} of ${formatInteger(status.day_total)} sales`
      : 'no day yet';
    setText(text, counts);
    bar.setAttribute('aria-valuetext', counts);
  };
}

/** A voice can't follow a stream: it gets a sentence at most that often. */
const EVERY_MS = 5_000;

/** Says where the simulation stands, and at once when the connection is lost and found. @param say Speaks a sentence. */
export function createSpeaker(say: (sentence: string) => void): (state: PageState, now: number) => void {
  let spokenAt = Number.NEGATIVE_INFINITY;
  let spokenDay = '';
  let isLost = false;

  function speak(sentence: string, now: number): void {
    say(sentence);
    spokenAt = now;
  }

  return ({ connection, status }, now) => {
    if (connection.kind === 'away' && !isLost) {
      isLost = true;
      return speak(`${disconnectReason(connection.problem)}. This page tries again by itself.`, now);
    }
    if (connection.kind === 'live' && isLost) {
      isLost = false;
      return speak('Connected again.', now);
    }
    if (!status?.current_day || status.day_received < status.day_total || now - spokenAt < EVERY_MS) return;
    const day = `${speakDate(status.current_day)}, day ${status.day_index + 1} of ${status.total_days}`;
    if (`${status.run_id} ${day}` === spokenDay) return;
    spokenDay = `${status.run_id} ${day}`;
    speak(`${day}: all ${formatInteger(status.day_total)} sales stored.`, now);
  };
}

/** Tells a screen reader where the simulation stands. */
export function createAnnouncer(): (state: PageState, now: number) => void {
  const region = byId('announcer', HTMLElement);
  return createSpeaker((sentence) => setText(region, sentence));
}
