import { byId, setText } from './dom.ts';
import { formatInteger, speakDate } from './format.ts';
import type { PageState } from './state.ts';

/** A voice can't follow a stream: it gets a sentence at most that often. */
const EVERY_MS = 5_000;

/** Tells a screen reader where the simulation stands. */
export function createAnnouncer(): (state: PageState, now: number) => void {
  const region = byId('announcer', HTMLElement);
  let spokenAt = Number.NEGATIVE_INFINITY;

  return ({ status }, now) => {
    if (!status?.current_day || status.day_received < status.day_total || now - spokenAt < EVERY_MS) return;
    const day = `${speakDate(status.current_day)}, day ${status.day_index + 1} of ${status.total_days}`;
    const sentence = `${day}: all ${formatInteger(status.day_total)} sales stored.`;
    if (region.textContent === sentence) return;
    setText(region, sentence);
    spokenAt = now;
  };
}
