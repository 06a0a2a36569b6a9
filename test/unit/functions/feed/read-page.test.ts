import { describe, expect, test } from 'vitest';
import { pageQueries, toPage } from '../../../../functions/feed/read-page.ts';
import { type FeedRequest, feedRequestSchema } from '../../../../shared/api/live.ts';
import { storedSale } from '../../../support/live-world.ts';

const RUN = '11111111-1111-4111-8111-111111111111';
const request = (position: FeedRequest['position']): FeedRequest => ({ run_id: RUN, position, limit: 10 });
const row = (id: number) => storedSale({ id, received_at: '2026-01-01 00:00:00.123' });

describe('a page of the feed', () => {
  test('the query for a page has one value per placeholder', () => {
    for (const position of [
      { kind: 'after', id: 5 },
      { kind: 'resume', id: 5 },
      { kind: 'day', day_index: 5, after: 0, up_to: 9 },
    ] as const) {
      for (const { sql, values } of pageQueries(request(position))) {
        expect(values).toHaveLength(sql.split('?').length - 1);
      }
    }
  });

  test('a page has its times in ISO 8601 format', () => {
    const { events } = toPage(request({ kind: 'after', id: 0 }), [row(1)]);
    expect(events[0]?.received_at).toBe('2026-01-01T00:00:00.123Z');
  });

  test('a resumed page omits the row that proves that its id exists', () => {
    const resume = request({ kind: 'resume', id: 5 });
    expect(toPage(resume, [row(5), row(6)])).toMatchObject({ known: true, events: [{ id: 6 }] });
    expect(toPage(resume, [row(5)])).toEqual({ known: true, events: [] });
  });

  test('there is no page for an id that the run does not have', () => {
    const resume = request({ kind: 'resume', id: 5 });
    expect(toPage(resume, [row(6), row(7)])).toEqual({ known: false, events: [] });
    expect(toPage(resume, [])).toEqual({ known: false, events: [] });
  });

  test.each([
    { ...request({ kind: 'after', id: 0 }), run_id: 'x' },
    { ...request({ kind: 'after', id: 0 }), limit: 5_001 },
    { ...request({ kind: 'after', id: -1 }) },
    { ...request({ kind: 'day', day_index: 0.5, after: 0, up_to: 9 }) },
    { run_id: RUN, limit: 1 },
  ])('the invalid page request %j is rejected', (payload) => {
    expect(feedRequestSchema.safeParse(payload).success).toBe(false);
  });
});
