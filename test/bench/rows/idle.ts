import { setTimeout as delay } from 'node:timers/promises';
import { select } from '../../../shared/mysql/connection.ts';
import type { RunningSystem } from '../../support/system.ts';
import { openViewer } from '../../support/viewer.ts';
import type { Bench } from '../bench.ts';
import { SALES_PER_DAY, startBenchSystem } from '../bench-system.ts';
import { usageOf, usedBetween } from '../processes.ts';
import { nextDay } from '../simulation-client.ts';

const VIEWERS = 10;
/** Longer than anything still happens after the last sale. */
const SETTLE_MS = 15_000;
const WATCHED_MS = 20_000;

export const idle: Bench = {
  row: 'idle',
  what: 'nobody clicks, 10 viewers watch a day that has come in whole: percent of one processor, and connections that MySQL took',
  figures: {
    host: { what: 'host with all functions', unit: '%', goal: { below: 1.5 } },
    connections: { what: 'connections opened to MySQL', unit: '', goal: { atMost: 0 } },
    kafka: { what: 'Kafka', unit: '%' },
    mysql: { what: 'MySQL', unit: '%' },
    dynamodb: { what: 'DynamoDB Local', unit: '%' },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => openViewer(system.url)));
    await nextDay(system.url);
    await Promise.all(viewers.map((viewer) => viewer.until(({ sales }) => sales.length === SALES_PER_DAY)));
    await delay(SETTLE_MS);
    const { servers } = context;
    return {
      async round() {
        const connections = await connectionsOf(system);
        const before = usageOf(system.pid, servers);
        const begun = performance.now();
        await delay(WATCHED_MS);
        const seconds = (performance.now() - begun) / 1_000;
        const percent = usedBetween(before, usageOf(system.pid, servers), 100 / seconds);
        return { ...percent, connections: (await connectionsOf(system)) - connections };
      },
      async close() {
        for (const viewer of viewers) viewer.close();
        await system.stop();
      },
    };
  },
};

/** Connections the server has accepted since its start, read over the bench's own open connection. */
async function connectionsOf({ pool }: RunningSystem): Promise<number> {
  const [row] = await select<{ Value: string }>(pool, "SHOW GLOBAL STATUS LIKE 'Connections'");
  return Number(row?.Value);
}
