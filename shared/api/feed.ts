/** The protocol between `live` and `feed`: an invocation with a request, answered by a page. */
import * as z from 'zod';
import { storedSaleSchema } from './sale.ts';

/** Requests the page of a run's events that follows a position. */
export const feedRequestSchema = z.object({
  run_id: z.uuid(),
  /**
   * Where the page starts:
   * - `after`: after an id that is known to belong to this run;
   * - `resume`: after an id that a viewer claims to have received; the response says whether the run has it;
   * - `day`: after an id, among the events of a day and of any later one, up to an id that is known to be visible.
   */
  position: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('after'), id: z.int().min(0) }),
    z.object({ kind: z.literal('resume'), id: z.int().min(0) }),
    z.object({
      kind: z.literal('day'),
      day_index: z.int().min(0),
      after: z.int().min(0),
      up_to: z.int().min(0),
    }),
  ]),
  limit: z.int().min(1).max(5_000),
});
export type FeedRequest = z.infer<typeof feedRequestSchema>;

/** A page of a run's events, ascending by id, at most `limit` of them. */
export const feedPageSchema = z.object({
  /** False if the id to resume from isn't one of this run; then `events` is empty. */
  known: z.boolean(),
  events: z.array(storedSaleSchema).readonly(),
});
export type FeedPage = z.infer<typeof feedPageSchema>;
