import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { startPositionOf } from '../../functions/live/cursor.ts';
import { createLiveStream } from '../../functions/live/live-stream.ts';
import { streamTimings, systemClock } from '../../functions/live/timing.ts';
import { fakeStores } from '../support/live-world.ts';

/** One message as a client library reported it. */
const messageSchema = z.object({ event: z.string(), id: z.string(), data: z.string() });
export const messagesSchema = z.array(messageSchema);
export type ClientMessage = z.infer<typeof messageSchema>;

/**
 * The live stream with everything in it that could become an empty message: the reconnection time, and heartbeats before the
 * first message, after a named message and after a sale's id. Each stream ends after 1.5 s, so that clients resume.
 */
export interface QuietStream {
  readonly url: string;
  /** Ids of the sales in the stores: a client should receive each of them once. */
  readonly saleIds: readonly string[];
  /** Streams opened so far. */
  connections(): number;
  /** What the page at `url` has reported; it does so some seconds after it was opened in a browser. */
  readonly reported: Promise<readonly ClientMessage[]>;
  close(): Promise<void>;
}

const HEARTBEAT_MS = 100;
const LIFETIME_MS = 1_500;
/** The stores answer only after some heartbeats of the first stream. */
const OUTAGE_MS = 400;

export async function serveQuietStream(): Promise<QuietStream> {
  const world = fakeStores();
  world.startRun();
  world.nextDay();
  world.commit(3);
  world.reportHead();
  world.reportCount();
  world.failing.store = true;
  const stream = createLiveStream({
    store: world.store,
    feed: world.feed,
    clock: systemClock,
    timings: { ...streamTimings, tickMs: 50, heartbeatMs: HEARTBEAT_MS, browserRetryMs: 100 },
    maxViewers: 100,
    logger: { info: () => {}, warn: () => {} },
    onViewers: () => {},
  });
  const reported = Promise.withResolvers<readonly ClientMessage[]>();
  let connections = 0;

  function answerStream(request: IncomingMessage, response: ServerResponse): void {
    connections += 1;
    setTimeout(() => {
      world.failing.store = false;
    }, OUTAGE_MS);
    const lastEventId = request.headers['last-event-id'];
    const body = stream.open(
      startPositionOf({
        headers: typeof lastEventId === 'string' ? { 'last-event-id': lastEventId } : {},
        rawQueryString: request.url?.split('?')[1] ?? '',
      }),
      LIFETIME_MS,
    );
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders();
    response.once('close', () => body.destroy());
    body.pipe(response);
  }

  const server = createServer(async (request, response) => {
    if (request.url?.startsWith('/stream/events')) return answerStream(request, response);
    if (request.method === 'POST') reported.resolve(messagesSchema.parse(JSON.parse(await text(request))));
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    saleIds: world.idsOf(world.runId()).map(String),
    connections: () => connections,
    reported: reported.promise,
    close: async () => {
      stream.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Listens with the browser's own `EventSource` for some seconds and connections, and reports what it has received. */
const PAGE = `<!doctype html><title>EventSource</title><script>
const received = [];
const source = new EventSource('/stream/events');
for (const name of ['message', 'status', 'opening', 'reset'])
  source.addEventListener(name, ({ type, lastEventId, data }) => received.push({ event: type, id: lastEventId, data }));
let opened = 0;
source.addEventListener('open', () => { opened += 1; });
const begun = Date.now();
const timer = setInterval(() => {
  // A busy machine reconnects slowly.
  if (Date.now() - begun < 6000 || opened < 4) return;
  clearInterval(timer);
  source.close();
  fetch('/', { method: 'POST', body: JSON.stringify(received) });
}, 100);
</script>`;

/**
 * What is wrong with the messages that a client has received from a quiet stream; empty if nothing is.
 *
 * @param saleIds The sales it should have received, in this order.
 */
export function faultsOf(messages: readonly ClientMessage[], saleIds: readonly string[]): string[] {
  const empty = messages.filter(({ data }) => data.trim() === '');
  const unknown = messages.filter(({ event }) => !['message', 'status', 'opening', 'reset'].includes(event));
  const sales = messages.filter(({ event }) => event === 'message').map(({ id }) => id);
  return [
    ...(empty.length > 0 ? [`${empty.length} of ${messages.length} messages are empty`] : []),
    ...unknown.map(({ event }) => `the event ${JSON.stringify(event)} is unknown`),
    ...(sales.join() === saleIds.join() ? [] : [`sales [${sales.join()}] instead of [${saleIds.join()}]`]),
    ...(messages.some(({ event }) => event === 'status') ? [] : ['no status has arrived']),
  ];
}
