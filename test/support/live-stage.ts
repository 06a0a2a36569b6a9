import { type StartPosition, startPositionOf } from '../../functions/live/cursor.ts';
import { createLiveStream } from '../../functions/live/live-stream.ts';
import { type StreamTimings, streamTimings } from '../../functions/live/timing.ts';
import { fakeClock, settle } from './fake-clock.ts';
import { fakeStores } from './live-world.ts';
import { type SseClient, sseClient } from './sse-client.ts';

/** The position a request with these parameters asks for. */
function pointOf(lastEventId: string | undefined, since: string | undefined): StartPosition {
  return startPositionOf({
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    rawQueryString: since === undefined ? '' : `since=${since}`,
  });
}

/** A live stream on fake stores and a clock under the test's control. */
export function liveStreamOnFakes(options: { timings?: Partial<StreamTimings>; maxViewers?: number } = {}) {
  const world = fakeStores();
  const clock = fakeClock();
  const log: string[] = [];
  const viewerCounts: number[] = [];
  const note = (...[message]: unknown[]) => void log.push(String(message));
  const stream = createLiveStream({
    store: world.store,
    feed: world.feed,
    clock,
    timings: { ...streamTimings, ...options.timings },
    maxViewers: options.maxViewers ?? 100,
    logger: { info: note, warn: note },
    onViewers: (viewers) => viewerCounts.push(viewers),
  });
  return {
    world,
    clock,
    stream,
    log,
    /** The reported numbers of viewers. */
    viewerCounts,
    /** Connects as a browser does, resuming after the client's last id. */
    connect: (
      client: SseClient,
      { lastEventId = client.lastId(), since = undefined as string | undefined } = {},
    ) => client.connect(stream.open(pointOf(lastEventId, since), 3_600_000)),
    /** Advances the clock until every client has read everything, but not until the next heartbeat. */
    async quiesce(clients: readonly SseClient[]) {
      for (let quiet = 0; quiet < 4; ) {
        await clock.advance(900);
        const hasRead = clients.map((client) => client.read(100)).some(Boolean);
        quiet = hasRead ? 0 : quiet + 1;
      }
    },
    /** A connected client that has read everything. */
    async viewer(since?: string) {
      const client = sseClient();
      client.connect(stream.open(pointOf(undefined, since), 3_600_000));
      await this.quiesce([client]);
      return client;
    },
    settle,
  };
}

/** A stream on the second day: 5 sales of the first day and 3 of the second, all reported. */
export function twoDays(options: Parameters<typeof liveStreamOnFakes>[0] = {}) {
  const stage = liveStreamOnFakes(options);
  const { world } = stage;
  world.startRun();
  world.nextDay();
  world.commit(5);
  world.nextDay();
  world.commit(3);
  world.reportHead();
  world.reportCount();
  const ids = world.idsOf(world.runId());
  return { ...stage, stage, ids, firstDay: ids.slice(0, 5), secondDay: ids.slice(5) };
}
