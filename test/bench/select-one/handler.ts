import { createApiHandler, implement } from '../../../shared/http/api-handler.ts';
import { openPool, select } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { mysqlSettings, readSettings } from '../../../shared/settings.ts';
import { selectOne } from './contract.ts';

const metrics = createMetrics('select-one');
const pool = openPool(readSettings(mysqlSettings), { connectionLimit: 2, metrics });

/** Built like the functions that answer analyses. */
export const handler = createApiHandler({
  routes: [
    implement(selectOne, async () => {
      await select(pool, 'SELECT 1 AS one');
      return { one: 1 } as const;
    }),
  ],
  log: createLogger('select-one'),
  metrics,
});
