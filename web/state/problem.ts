/** An error as this page shows it. */
export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** What the reader can do. */
  readonly remedy: string;
  /** Seconds to wait before a retry, if the server gave them. */
  readonly retryAfter: number | null;
}

/** Code of an error that no server reported. */
export const SERVER_UNREACHABLE = 'server_unreachable';

/** Code of a request that never left this browser. */
export const NOT_SENT = 'not_sent';

/** Code of a request that changes something and got no answer. */
export const NO_ANSWER = 'no_answer';

const PASSING = new Set([
  SERVER_UNREACHABLE,
  NO_ANSWER,
  NOT_SENT,
  'outcome_unknown',
  'dependency_unavailable',
  // From a proxy between this page and the server.
  'http_502',
  'http_503',
  'http_504',
]);

const REMEDIES: Readonly<Record<string, string>> = {
  not_found: 'Choose another store or product, or play more days.',
  not_initialized: 'Load a data set. Locally, npm start does that.',
  all_days_completed: 'Press Reset to start a new run.',
  run_replaced: 'Another viewer has just reset the simulation. Press again.',
  unauthorized: 'Press again and enter the token that your operator gave you.',
  [NOT_SENT]: 'Try again when this device is online.',
  outcome_unknown: 'If the date above has moved on, the click was accepted. If not, press again.',
  dependency_unavailable: 'Wait a few seconds and press again. Nothing is lost.',
  too_many_viewers: 'This page reconnects automatically. Close other tabs that show it.',
  [NO_ANSWER]: 'If the date above moves on, it was accepted. If not, press again.',
  [SERVER_UNREACHABLE]: 'This page goes on by itself once the server answers.',
};
/** Details that a server writes for programs, in this page's words. */
const DETAILS: Readonly<Record<string, string>> = {
  unauthorized: 'Only people who have the token may change the simulation, and it was missing or wrong.',
};
const GENERAL_REMEDY = 'Try again. If it persists, check the server’s log.';

/** Reads the problem document (RFC 9457) of a failed response; makes one if the response has none. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const text = (name: string, otherwise: string) => {
    const value = isRecord(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : otherwise;
  };
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const code = text('code', `http_${response.status}`);
  return {
    code,
    title: text('title', 'The server refused'),
    detail: DETAILS[code] ?? text('detail', `It answered with status ${response.status}.`),
    remedy: REMEDIES[code] ?? GENERAL_REMEDY,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
  };
}

/** The server could not be reached at all. */
export function serverUnreachable(): Problem {
  return {
    code: SERVER_UNREACHABLE,
    title: 'The server is unreachable',
    detail: 'The connection failed before an answer arrived.',
    remedy: REMEDIES[SERVER_UNREACHABLE] ?? GENERAL_REMEDY,
    retryAfter: null,
  };
}

/** A request was not sent, because this device is offline. */
export function notSent(): Problem {
  return {
    code: NOT_SENT,
    title: 'Your request was not sent',
    detail: 'This device is offline.',
    remedy: REMEDIES[NOT_SENT] ?? GENERAL_REMEDY,
    retryAfter: null,
  };
}

/** A request that changes something got no answer: nobody knows whether the server accepted it. @param why As a sentence. */
export function noAnswer(why: string): Problem {
  return {
    code: NO_ANSWER,
    title: 'The outcome of your request isn’t known',
    detail: why,
    remedy: REMEDIES[NO_ANSWER] ?? GENERAL_REMEDY,
    retryAfter: null,
  };
}

/** Code of an answer this page can't parse. */
export const UNREADABLE = 'unreadable';

/** The server has answered, but not as this page expects it. */
export function unreadable(): Problem {
  return {
    code: UNREADABLE,
    title: 'An answer could not be read',
    detail:
      'It is not what this page expects. The server, or a proxy in front of it, may have another version by now.',
    remedy: 'Reload the page. If it persists, check the server’s log.',
    retryAfter: null,
  };
}

/** Whether the same request may succeed later without intervention. */
export function isTransient({ code }: Problem): boolean {
  return PASSING.has(code);
}

/** A proxy that gave up on the server doesn't know what the server did. */
const UNKNOWN_OUTCOMES = new Set([NO_ANSWER, 'outcome_unknown', 'http_502', 'http_503', 'http_504']);

/** Whether a request with this problem may have had its effect all the same. */
export function isOutcomeUnknown({ code }: Problem): boolean {
  return UNKNOWN_OUTCOMES.has(code);
}

/** Whether no day is left to play. During playback, a request can overtake the stream and get this answer, which is no failure. */
export function isEndOfRun({ code }: Problem): boolean {
  return code === 'all_days_completed';
}

/** Whether another viewer's reset came first. A kiosk that loses this race has nothing to report. */
export function isRunReplaced({ code }: Problem): boolean {
  return code === 'run_replaced';
}

const NOT_ALLOWED = new Set(['unauthorized', 'forbidden', 'http_401', 'http_403']);

/** Whether the same request will be refused until a person does something about it. */
export function isNotAllowed({ code }: Problem): boolean {
  return NOT_ALLOWED.has(code);
}

/** A part of this page could not be loaded. @param part `The charts`. */
export function partNotLoaded(part: string): Problem {
  return {
    code: 'part_missing',
    title: `${part} could not be loaded`,
    detail: 'The server became unreachable, or has another version of this page by now.',
    remedy: 'Reload the page.',
    retryAfter: null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
