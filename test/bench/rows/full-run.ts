import { deepStrictEqual } from 'node:assert';
import type { RunningServers } from '../../../infra/local/servers/managed-server.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { eventsOfDay, salesOfDates } from '../../../shared/publication/sale-events.ts';
import { storedEvents } from '../../support/sets.ts';
import type { RunningSystem } from '../../support/system.ts';
import { openViewer, type Viewer } from '../../support/viewer.ts';
import type { Bench } from '../bench.ts';
import { DAYS, SALES_PER_DAY, startBenchSystem } from '../bench-system.ts';
import { residentOf, usageOf, usedBetween } from '../processes.ts';
import { rawInsertRates } from '../raw-inserts.ts';
import { nextDay, resetSimulation } from '../simulation-client.ts';

export const fullRun: Bench = {
  row: 'full-run',
  what: 'all 731 days clicked as fast as they are accepted: 73,100 events, the sets of data set, table and viewer compared',
  figures: {
    seconds: { what: 'first click → last event at a viewer', unit: 's', goal: { below: 12 } },
    clicks: { what: 'first click → last click accepted', unit: 's' },
    behind: { what: 'last commit → last event at a viewer', unit: 'ms', goal: { below: 200 } },
    raw: { what: 'raw inserts of the same rows', unit: 's' },
    ratio: { what: 'the run, of raw inserts', unit: '×' },
    hostTime: { what: 'processor for a day: host with all functions', unit: 'ms of CPU' },
    mysqlTime: { what: 'processor for a day: MySQL', unit: 'ms of CPU' },
    dynamodbTime: { what: 'processor for a day: DynamoDB Local', unit: 'ms of CPU' },
    kafkaTime: { what: 'processor for a day: Kafka', unit: 'ms of CPU' },
    host: { what: 'memory of the host with all functions afterwards', unit: 'MB', goal: { below: 450 } },
    all: {
      what: 'memory of host, Kafka, MySQL and DynamoDB Local afterwards',
      unit: 'MB',
      goal: { below: 1_000 },
    },
  },
  async open(context) {
    const system = await startBenchSystem(context);
    return {
      async round() {
        const run = await measureRun(system, context.servers);
        const servers = context.servers.processes.map(({ pid }) => pid);
        return { ...run, host: residentOf([system.pid]), all: residentOf([system.pid, ...servers]) };
      },
      close: () => system.stop(),
    };
  },
};

async function measureRun(system: RunningSystem, servers: RunningServers) {
  const runId = await resetSimulation(system.url);
  const viewer = await openViewer(system.url);
  const before = usageOf(system.pid, servers);
  const begun = Date.now();
  for (let day = 0; day < DAYS; day += 1) await nextDay(system.url);
  const clicked = Date.now();
  await viewer.until(({ sales }) => sales.length >= DAYS * SALES_PER_DAY);
  const shown = Date.now();
  viewer.close();
  const used = usedBetween(before, usageOf(system.pid, servers), 1_000 / DAYS);
  const events = await compareSets(system, runId, viewer);
  const lastStored = await lastStoredAt(system, runId);
  const raw = events.length / (await rawInsertRates(system.pool, events)).written;
  const seconds = (shown - begun) / 1_000;
  return {
    seconds,
    clicks: (clicked - begun) / 1_000,
    behind: shown - lastStored,
    raw,
    ratio: seconds / raw,
    hostTime: used.host,
    mysqlTime: used.mysql,
    dynamodbTime: used.dynamodb,
    kafkaTime: used.kafka,
  };
}

/** @throws AssertionError unless table and viewer hold exactly the data set's events, the viewer in the table's order. */
async function compareSets({ pool }: RunningSystem, runId: string, viewer: Viewer) {
  const days = await select<{ date: string }>(pool, 'SELECT date FROM calendar ORDER BY date');
  const dates = days.map(({ date }) => date);
  const facts = Map.groupBy(await salesOfDates(pool, dates), ({ date }) => date);
  const expected = dates.flatMap((date, index) => eventsOfDay(runId, index, facts.get(date) ?? []));
  const stored = await storedEvents(pool, runId);
  const sorted = (ids: string[]) => ids.sort();
  deepStrictEqual(
    sorted(stored.map(({ event_id }) => event_id)),
    sorted(expected.map(({ event_id }) => event_id)),
  );
  deepStrictEqual(
    viewer.sales.map(({ id }) => id),
    stored.map(({ id }) => id),
  );
  return expected;
}

/** When the last row was inserted, in epoch milliseconds; its commit follows in the same round trip. */
async function lastStoredAt({ pool }: RunningSystem, runId: string): Promise<number> {
  const sql = 'SELECT UNIX_TIMESTAMP(MAX(received_at)) * 1000 AS at FROM kafka_events WHERE run_id = ?';
  const [row] = await select<{ at: number }>(pool, sql, [runId]);
  if (!row) throw new Error(`Run ${runId} has no events.`);
  return row.at;
}
