import { type FeedPage, feedRequestSchema } from '../../shared/api/live.ts';
import { openPool, READ_LIMIT_MS } from '../../shared/mysql/connection.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { mysqlSettings, readSettings } from '../../shared/settings.ts';
import { readPage } from './read-page.ts';

const pool = openPool(readSettings(mysqlSettings), {
  connectionLimit: 2,
  readLimitMs: READ_LIMIT_MS,
  metrics: createMetrics('feed'),
});

/**
 * Answers an `Invoke` whose payload is a `FeedRequest` with a `FeedPage`.
 *
 * @throws ZodError for any other payload: only `live` calls this function, so that is a defect and not a client's error.
 */
export async function handler(payload: unknown): Promise<FeedPage> {
  return readPage(pool, feedRequestSchema.parse(payload));
}
