import * as z from 'zod';
import { operations } from './operations.ts';
import { queryInteger } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';
import { type StoredSale, storedSaleSchema } from './sale.ts';
import { type SimulationStatus, simulationStatusSchema } from './simulation.ts';

/** However great: an id that no event can have is answered by a reset, as any other unknown one. */
export const eventsQuery = z.object({
  since: queryInteger(z.number('expected an integer').meta({ type: 'integer' }))
    .optional()
    .describe('The id of the last sale that was seen; the header `Last-Event-ID` wins.'),
});

export const streamEvents = route({
  ...operations.streamEvents,
  summary: 'Stored sales as they come, as Server-Sent Events',
  description:
    'Unnamed messages carry one sale each and alone have an id. `status` tells where the simulation stands. `reset` tells ' +
    'that a new run has begun, or that the current one begins anew for this viewer, whose id it does not know: forget what ' +
    'was shown. Without a point to resume from, the current day comes from its start. The server ends each stream after ' +
    'some minutes; browsers resume by themselves.',
  access: 'public',
  query: eventsQuery,
  response: z.never(),
  text: {
    contentType: 'text/event-stream; charset=utf-8',
    description: 'WHATWG HTML, section 9.2; with a comment every 15 seconds in which nothing else comes.',
  },
  messages: { message: storedSaleSchema, status: simulationStatusSchema, reset: z.object({}) },
  errors: ['too_many_viewers'],
});

export const readLivePage = route({
  ...operations.readLivePage,
  summary: 'The live page',
  access: 'public',
  response: z.never(),
  file: { contentTypes: ['text/html; charset=utf-8'], description: 'The page.' },
  errors: [],
});

export const readLiveAsset = route({
  ...operations.readLiveAsset,
  summary: 'A file of the live page',
  access: 'public',
  params: z.object({ file: z.string().describe('As the page names it; the name changes with the content.') }),
  response: z.never(),
  file: {
    contentTypes: ['text/javascript; charset=utf-8', 'text/css; charset=utf-8', 'image/svg+xml'],
    description: 'The file.',
  },
  errors: ['not_found'],
});

/** What the function URL serves. It knows no routes, so `app.ts` tells the paths apart by itself. */
export const liveRoutes: readonly RouteDeclaration[] = [streamEvents, readLivePage, readLiveAsset];

/** Data of an unnamed message of the stream. */
export type SaleMessage = StoredSale;

/** Data of a `status` message. */
export type StatusMessage = SimulationStatus;
