import { HttpProblem } from '../../shared/http/errors.ts';

/** Where a viewer says it stopped. */
export type ResumePoint =
  /** It says nothing: it gets the current day from its start. */
  | { readonly kind: 'none' }
  /** The last id it saw; the run has yet to confirm it. */
  | { readonly kind: 'id'; readonly id: number }
  /** Something that can't be the id of an event. */
  | { readonly kind: 'unknown' };

/**
 * Reads the point to resume from. The header wins: a reconnecting browser sends the address it once connected with, and
 * the header with what it has seen since.
 *
 * @param lastEventId Value of the header `Last-Event-ID`; what an id must look like is not the browser's to check.
 * @param since Value of the query parameter `since`.
 * @throws HttpProblem `invalid_request` if `since` is not an integer.
 */
export function resumePoint(lastEventId: string | undefined, since: string | undefined): ResumePoint {
  if (since !== undefined && !/^-?\d+$/.test(since)) throw invalidSince();
  if (lastEventId) return pointOf(lastEventId);
  return since === undefined ? { kind: 'none' } : pointOf(since);
}

function pointOf(text: string): ResumePoint {
  const id = /^\d+$/.test(text) ? Number(text) : 0;
  return id > 0 && Number.isSafeInteger(id) ? { kind: 'id', id } : { kind: 'unknown' };
}

function invalidSince(): HttpProblem {
  return new HttpProblem(
    'invalid_request',
    'The parameter since is the id of the last event you have seen, an integer. Leave it out to begin with the current day.',
    { fields: [{ field: 'query.since', message: 'expected an integer' }] },
  );
}
