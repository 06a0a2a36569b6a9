import { byId, setText } from './dom.ts';
import { formatInteger, speakDate } from './format.ts';
import { awayReason } from './header-view.ts';
import type { PageState } from './state.ts';

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
      return speak(`${awayReason(connection.problem)}. This page tries again by itself.`, now);
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
