import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { createLiveApp, createStreamingHandler } from './app.ts';
import { createFeedClient } from './feed-pages.ts';
import { createLiveStream } from './live-stream.ts';
import { loadPageFiles, type PageFiles } from './page.ts';
import { streamTimings, systemClock } from './timing.ts';

/** What the function reads from its environment. */
const liveSettings = tableSettings.extend({
  FEED_FUNCTION_NAME: z.string().min(1),
  /** Seconds after which a stream ends and the browser resumes. On AWS the full duration is billed. */
  STREAM_LIFETIME_SECONDS: z.coerce.number().positive().max(900).default(120),
  /** Concurrent streams of this process; a further one gets a 503. */
  MAX_VIEWERS: z.coerce.number().int().min(1).default(2_000),
  /** Milliseconds between two polls of the table while nothing happens: how late a change without a notification is seen. */
  QUIET_POLL_MS: z.coerce.number().int().min(50).max(60_000).default(streamTimings.quietPollMs),
  /** The `BroadcastChannel` on which the local host announces writes to the table; unset on AWS. */
  TABLE_WRITES_CHANNEL: z.string().min(1).optional(),
  /** Folder of the built page. */
  PAGE_DIRECTORY: z.string().min(1).default('page'),
});

/** Just above the 10 s that `feed` may run, so that a dead connection doesn't keep all viewers waiting. */
const FEED_BOUNDS = {
  connectionTimeout: 2_000,
  requestTimeout: 12_000,
  throwOnRequestTimeout: true,
} as const;

const settings = readSettings(liveSettings);
const logger = createLogger('live');
const metrics = createMetrics('live');

const liveStream = createLiveStream({
  store: connectSimulationStore(settings),
  feed: createFeedClient(new LambdaClient({ requestHandler: FEED_BOUNDS }), settings.FEED_FUNCTION_NAME),
  clock: systemClock,
  timings: { ...streamTimings, quietPollMs: settings.QUIET_POLL_MS },
  maxViewers: settings.MAX_VIEWERS,
  logger,
  onViewers: (viewers) => metrics.record({ live_viewers: viewers }),
});
if (settings.TABLE_WRITES_CHANNEL !== undefined)
  onTableWrites(settings.TABLE_WRITES_CHANNEL, liveStream.notifyWrite);

/** Read at the first request for the page; streams don't need it. */
let pageFiles: Promise<PageFiles> | null = null;

const app = createLiveApp({
  viewers: liveStream,
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

/** Calls a function whenever the local host announces a write to the table. */
function onTableWrites(channelName: string, call: () => void): void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = call;
}
