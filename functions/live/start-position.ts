import { eventsQuery } from '../../shared/api/live.ts';
import { readQuery } from '../../shared/http/request-input.ts';
import type { ApiEvent } from '../../shared/http/request-state.ts';

/** Where a viewer says it stopped. */
export type StartPosition =
  /** It says nothing: it gets the current day from its start. */
  | { readonly kind: 'none' }
  /** The last id it saw; the run has yet to confirm it. */
  | { readonly kind: 'id'; readonly id: number }
  /** Something that can't be the id of an event. */
  | { readonly kind: 'unknown' };

/**
 * Reads the point to resume from. The header wins: a reconnecting browser sends the address it once connected with, and
 * the header with what it has seen since. What the header holds is nothing a browser could mend, so it may be anything.
 *
 * @throws HttpProblem `invalid_request` if the parameter `since` is not an integer.
 */
export function startPositionOf({
  headers,
  rawQueryString,
}: Pick<ApiEvent, 'headers' | 'rawQueryString'>): StartPosition {
  const { since } = readQuery(eventsQuery, rawQueryString);
  const lastEventId = headers['last-event-id'];
  if (lastEventId) return positionAfter(/^\d+$/.test(lastEventId) ? Number(lastEventId) : 0);
  return since === undefined ? { kind: 'none' } : positionAfter(since);
}

function positionAfter(id: number): StartPosition {
  return id > 0 && Number.isSafeInteger(id) ? { kind: 'id', id } : { kind: 'unknown' };
}
