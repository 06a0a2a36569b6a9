import { describe, expect, test } from 'vitest';
import { startPositionOf } from '../../../../functions/live/cursor.ts';
import { apiEvent } from '../../../support/api-events.ts';

const pointOf = (query: string, lastEventId?: string) =>
  startPositionOf(
    apiEvent(
      `GET /stream/events?${query}`,
      lastEventId === undefined ? {} : { headers: { 'last-event-id': lastEventId } },
    ),
  );

describe('the point to resume from', () => {
  test.each([
    ['', undefined, { kind: 'none' }],
    ['', '', { kind: 'none' }],
    ['other=3', undefined, { kind: 'none' }],
    ['', '17', { kind: 'id', id: 17 }],
    ['since=17', undefined, { kind: 'id', id: 17 }],
    ['since=3', '17', { kind: 'id', id: 17 }],
    ['since=3', 'junk', { kind: 'unknown' }],
    ['', '0', { kind: 'unknown' }],
    ['', '-3', { kind: 'unknown' }],
    ['', '1e3', { kind: 'unknown' }],
    ['', '9007199254740993', { kind: 'unknown' }],
    ['since=0', undefined, { kind: 'unknown' }],
    ['since=-1', undefined, { kind: 'unknown' }],
  ])('the start position follows from the query "%s" and the header %j', (query, lastEventId, expected) => {
    expect(pointOf(query, lastEventId)).toEqual(expected);
  });

  test.each(['since=', 'since=abc', 'since=1.5', 'since=1,2', 'since=0x10'])(
    'the query %s is rejected as a start position',
    (query) => {
      expect(() => pointOf(query)).toThrow(
        expect.objectContaining({
          code: 'invalid_request',
          fields: [{ field: 'query.since', message: expect.any(String) }],
        }),
      );
    },
  );
});
