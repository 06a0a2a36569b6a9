import { readFileSync } from 'node:fs';

/** One recorded exchange with the original system, flaws included. */
export interface Recorded {
  readonly request: string;
  readonly status: number;
  readonly body: unknown;
  readonly note?: string;
  readonly request_body?: unknown;
  readonly request_body_raw?: string;
  readonly request_content_type?: string;
}

/** The correct answer where the original was wrong. */
export interface Correction {
  readonly flaw: string;
  readonly status: number;
  /** Members that differ from the recording (all of them if the status differs). */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The exchanges of the simulation, in order, against a fresh start. */
export const simulationRecording: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../golden/responses/simulation.json', import.meta.url), 'utf8'),
);

const WRONG_TOTAL = 'it took anything for a day total, and then failed or showed it in the status';
const ONE_CLICK_MORE =
  'the click after the last day was accepted with a null date, and only it completed the run';
const KEPT_POSITION = 'other dates began no new run: the position in the old ones stayed';
const ANY_TEXT = 'it took any text for a date';

const COMPLETED = { detail: 'All days completed. No more data.' };
const INCOMPLETE = { is_complete: false };
const NOT_STARTED = { current_day: null, day_index: -1, is_running: false, is_complete: false };
const FIRST_DAY = { current_day: '2022-01-01' };

const moreDates = placeOf('init with 5 dates while complete');
const fewerDates = placeOf('re-init with fewer dates than current index');
const noDates = placeOf('init with non-date strings (accepted)');

const corrections: Readonly<Record<number, Correction>> = {
  [placeOf('4th call on 3 dates')]: { flaw: ONE_CLICK_MORE, status: 400, body: COMPLETED },
  [placeOf('after 4th call')]: { flaw: ONE_CLICK_MORE, status: 200, body: INCOMPLETE },
  [placeOf('after 5th call')]: { flaw: ONE_CLICK_MORE, status: 200, body: INCOMPLETE },
  [placeOf('732nd call')]: { flaw: ONE_CLICK_MORE, status: 400, body: COMPLETED },
  [placeOf('complete')]: { flaw: ONE_CLICK_MORE, status: 200, body: INCOMPLETE },
  [moreDates + 1]: { flaw: KEPT_POSITION, status: 200, body: NOT_STARTED },
  [moreDates + 2]: { flaw: KEPT_POSITION, status: 200, body: FIRST_DAY },
  [fewerDates + 1]: { flaw: KEPT_POSITION, status: 200, body: NOT_STARTED },
  [fewerDates + 2]: { flaw: KEPT_POSITION, status: 200, body: FIRST_DAY },
  [fewerDates + 3]: { flaw: KEPT_POSITION, status: 200, body: { ...FIRST_DAY, day_index: 0, ...INCOMPLETE } },
  [noDates]: { flaw: ANY_TEXT, status: 422 },
  [noDates + 1]: { flaw: ANY_TEXT, status: 200, body: FIRST_DAY },
  [noDates + 2]: { flaw: ANY_TEXT, status: 200, body: { ...FIRST_DAY, total_days: 1 } },
};

/** The required answer to a recorded exchange where the original's was wrong. */
export function correctionOf(each: Recorded, index: number): Correction | undefined {
  return corrections[index] ?? totalCorrection(each);
}

/** Invalid totals are refused, and the status keeps the last valid one: 0. */
function totalCorrection({ request, request_body, note = '' }: Recorded): Correction | undefined {
  if (request.endsWith('/day-total') && request_body !== undefined && !holdsCount(request_body))
    return { flaw: WRONG_TOTAL, status: 422 };
  const posted = /^after day-total (\{.*\})$/.exec(note)?.[1];
  if (posted !== undefined && !holdsCount(JSON.parse(posted)))
    return { flaw: WRONG_TOTAL, status: 200, body: { day_total: 0 } };
  return undefined;
}

function holdsCount(body: unknown): boolean {
  const total: unknown = Object(body).total;
  return Number.isInteger(total) && Number(total) >= 0;
}

function placeOf(note: string): number {
  const place = simulationRecording.findIndex((each) => each.note === note);
  if (place < 0) throw new Error(`The recording has no exchange that is noted "${note}".`);
  return place;
}
