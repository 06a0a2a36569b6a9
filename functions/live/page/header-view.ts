import { byId, setText } from './dom.ts';
import { formatDate, formatInteger } from './format.ts';
import { SERVER_AWAY } from './problem.ts';
import { clickToComplete, type PageState } from './state.ts';

/** How long it is told how much was caught up with. */
const CAUGHT_UP_SHOWN_MS = 8_000;

/** What the bar says about the connection. */
export interface ConnectionText {
  readonly text: string;
  /** Whether there is something to wait for, which could be tried at once. */
  readonly isWaiting: boolean;
}

/** The connection in words. @param now ms of this browser's clock. */
export function connectionText(state: PageState, now: number): ConnectionText {
  const { connection, caughtUp } = state;
  if (connection.kind === 'connecting') return { text: 'Connecting', isWaiting: false };
  if (connection.kind === 'away') {
    const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1_000));
    return { text: `${awayReason(connection.problem?.code)}, next try in ${seconds} s`, isWaiting: true };
  }
  if (caughtUp > 0 && now - connection.since < CAUGHT_UP_SHOWN_MS) {
    return { text: `Live · caught up, +${formatInteger(caughtUp)} events`, isWaiting: false };
  }
  const ms = clickToComplete(state);
  return {
    text: ms === null ? 'Live' : `Live · click to last sale ${formatInteger(ms)} ms`,
    isWaiting: false,
  };
}

function awayReason(code: string | undefined): string {
  if (code === undefined) return 'Stream ended';
  if (code === 'too_many_viewers') return 'Stream full';
  return code === SERVER_AWAY ? 'Server away' : `Stream refused (${code})`;
}

/** Draws date, day and connection. */
export function createHeaderView(retryNow: () => void): (state: PageState, now: number) => void {
  const date = byId('date', HTMLTimeElement);
  const dayOf = byId('day-of', HTMLElement);
  const connection = byId('connection', HTMLElement);
  const text = byId('connection-text', HTMLElement);
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
    const { text: words, isWaiting } = connectionText(state, now);
    connection.dataset.state = state.connection.kind;
    setText(text, words);
    tryNow.hidden = !isWaiting;
  };
}

function dateBefore({ status }: PageState): string {
  if (!status) return '–';
  return status.total_days > 0 ? 'Before the first day' : 'No calendar yet';
}
