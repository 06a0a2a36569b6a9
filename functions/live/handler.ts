import { LambdaClient } from '@aws-sdk/client-lambda';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { readSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { createLiveApp } from './app.ts';
import { createFeedClient } from './feed-client.ts';
import { createLiveStream } from './live-stream.ts';
import { loadPageFiles, type PageFiles } from './page.ts';
import { createStreamingHandler } from './streaming-handler.ts';
import { liveSettings, streamTimings, systemClock } from './timing.ts';

/** `feed` is given 10 s; a connection that has died must not keep all viewers waiting for longer than that. */
const FEED_BOUNDS = {
  connectionTimeout: 2_000,
  requestTimeout: 12_000,
  throwOnRequestTimeout: true,
} as const;

const settings = readSettings(liveSettings);
const logger = createLogger('live');
const metrics = createMetrics('live');

const liveStream = createLiveStream({
  store: connectSimulationStore(settings.TABLE_NAME),
  feed: createFeedClient(new LambdaClient({ requestHandler: FEED_BOUNDS }), settings.FEED_FUNCTION_NAME),
  clock: systemClock,
  timings: { ...streamTimings, quietLookMs: settings.QUIET_LOOK_MS },
  maxViewers: settings.MAX_VIEWERS,
  logger,
  onViewers: (viewers) => metrics.record({ live_viewers: viewers }),
});
if (settings.TABLE_WRITES_CHANNEL !== undefined)
  onTableWrites(settings.TABLE_WRITES_CHANNEL, liveStream.nudge);

/** Read when it is first asked for: a stream doesn't need it. */
let pageFiles: Promise<PageFiles> | null = null;

const app = createLiveApp({
  audience: liveStream,
  pageFiles: () => {
    pageFiles ??= loadPageFiles(settings.PAGE_DIRECTORY);
    return pageFiles;
  },
  lifetimeMs: settings.STREAM_LIFETIME_SECONDS * 1_000,
});

// Sent by Lambda to functions with an extension, and by the local host, before the process ends.
process.once('SIGTERM', () => liveStream.close());

/** Serves `/stream/live`, `/stream/assets/*` and `/stream/events` behind a function URL. */
export const handler = createStreamingHandler(app, logger, metrics);

/** Calls a function whenever a host in this process tells on a `BroadcastChannel` that the table was written. */
export function onTableWrites(channelName: string, call: () => void): void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = call;
}
