import { eventsQuery } from '../../shared/api/live.ts';
import { readQuery } from '../../shared/http/request-input.ts';
import type { ApiEvent } from '../../shared/http/request-state.ts';

/** The position at which a viewer asks to begin. */
export type StartPosition =
  /** No position given: at the start of the current day. */
  | { readonly kind: 'none' }
  /** After the last id it received; not yet checked against the run. */
  | { readonly kind: 'id'; readonly id: number }
  /** After something that can't be the id of an event. */
  | { readonly kind: 'unknown' };

/**
 * Reads the position from the header `Last-Event-ID` or the parameter `since`. The header wins: a reconnecting browser
 * repeats its original address and adds the header with the last id it received. An invalid header is accepted as unknown,
 * because a browser could not correct it.
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
