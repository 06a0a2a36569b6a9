import * as z from 'zod';
import { operations } from './operations.ts';
import { queryInteger } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';
import { type StoredSale, storedSaleSchema } from './sales.ts';
import { type SimulationStatus, simulationStatusSchema } from './simulation.ts';

/** No bounds: an id that no event can have is answered by a reset, like any other unknown one. */
export const eventsQuery = z.object({
  since: queryInteger(z.number('expected an integer').meta({ type: 'integer' }))
    .optional()
    .describe('Id of the last sale received; the header `Last-Event-ID` takes precedence.'),
});

const openingSchema = z.object({
  day_index: z.int().min(0).describe('The day that the stream begins with.'),
  before_id: z
    .int()
    .min(1)
    .describe(
      'Of the sales with smaller ids, the stream has those of this day and of later ones; pass it to `GET /sales/summary` ' +
        'for the sums of all of them. From this id on the stream has every sale. After a resumption below this id the stream has ' +
        'every sale since the resumption: ignore those of earlier days with smaller ids, because the sums include them.',
    ),
});

export const streamEvents = route({
  ...operations.streamEvents,
  summary: 'Stored sales as they arrive, as Server-Sent Events',
  description:
    'Unnamed messages carry one sale each; only they have an id. `status` messages carry the state of the simulation. ' +
    '`reset` means that a new run has started, or that the stream restarts the current run because it does not have the ' +
    'id to resume from: discard what was received. Without an id to resume from, the stream starts with an `opening` message ' +
    'and the sales of the current day that are stored by then, and continues with every sale that is stored after them. ' +
    'The server ends each stream after some minutes; browsers reconnect and resume.',
  access: 'public',
  query: eventsQuery,
  response: z.never(),
  text: {
    contentType: 'text/event-stream; charset=utf-8',
    description: 'WHATWG HTML, section 9.2; with a comment after every 15 seconds without a message.',
  },
  messages: {
    message: storedSaleSchema,
    status: simulationStatusSchema,
    opening: openingSchema,
    reset: z.object({}),
  },
  errors: ['too_many_viewers'],
});

export const readLivePage = route({
  ...operations.readLivePage,
  summary: 'The live page',
  access: 'public',
  page: true,
  response: z.never(),
  file: { contentTypes: ['text/html; charset=utf-8'], description: 'The page.' },
  errors: [],
});

export const readLiveAsset = route({
  ...operations.readLiveAsset,
  summary: 'A file of the live page',
  access: 'public',
  page: true,
  params: z.object({
    file: z.string().describe('A name that the page refers to; it changes with the content.'),
  }),
  response: z.never(),
  file: {
    contentTypes: ['text/javascript; charset=utf-8', 'text/css; charset=utf-8', 'image/svg+xml'],
    description: 'The file.',
  },
  errors: ['not_found'],
});

/** What the function URL serves. Function URLs have no routes, so `app.ts` dispatches by path. */
export const liveRoutes: readonly RouteDeclaration[] = [streamEvents, readLivePage, readLiveAsset];

/** Data of an unnamed message of the stream. */
export type SaleMessage = StoredSale;

/** Data of an `opening` message. */
export type Opening = z.infer<typeof openingSchema>;

/** Data of a `status` message. */
export type StatusMessage = SimulationStatus;

/** The protocol between `live` and `feed`: an invocation with a request, answered by a page. */

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
