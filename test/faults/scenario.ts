import { expect } from 'vitest';
import * as z from 'zod';
import type { ServerName } from '../../infra/local/servers/addresses.ts';
import { select } from '../../shared/mysql/connection.ts';
import { type Client, createClient } from './client.ts';
import { type Compared, compareClicks, compareRun, compareViewer } from './comparison.ts';
import { type FaultEnvironment, restartHost } from './environment.ts';
import type { Held } from './fault-points.ts';
import { openResumingViewer, type ResumingViewer } from './resuming-viewer.ts';
import { heal, signalProcess } from './server-faults.ts';
import { createProgressWaiter, type Eventually, movementOf } from './wait-for-progress.ts';

/** One case: the simulation advances, faults happen, and at the end everything is compared. */
export interface Scenario {
  readonly environment: FaultEnvironment;
  readonly client: Client;
  readonly viewers: readonly ResumingViewer[];
  /** The days of the data set. */
  readonly dates: readonly string[];
  readonly eventually: Eventually;
  /** Starts a new run over all days and waits until all viewers have switched to it. @returns its id. */
  startRun(): Promise<string>;
  /** Kills the host, runs `whileAway` to its end or failure, and restarts the host. */
  killHost(whileAway?: () => Promise<void>): Promise<void>;
  /** Kills the host when a function is held at the point, and restarts it. */
  killHostAt(held: Held): Promise<void>;
  /** Freezes the host's process (SIGSTOP). @returns a function that resumes it; further calls do nothing. */
  beginFreeze(): () => Promise<void>;
  /** Advances until no day is left. */
  advanceToTheEnd(): Promise<void>;
  /** Waits until every accepted day has arrived and each step has recorded that it has. */
  untilSettled(): Promise<void>;
  /** Runs the reconciliation, as its schedule does. */
  reconcile(): Promise<void>;
  /** Polls `/health?deep=1` until it reports exactly these servers as down. */
  untilHealthReports(down: readonly ServerName[]): Promise<void>;
  /** Advances the run to its end, waits until it is complete and compares all runs since `startRun`. */
  finishAndCompare(): Promise<Compared>;
  close(): Promise<void>;
}

const VIEWERS = 2;

export async function openScenario(environment: FaultEnvironment): Promise<Scenario> {
  const { system, faultPoints } = environment;
  /** Current interruptions of the host. */
  let interruptions = 0;
  /** Interruptions so far. */
  let absences = 0;
  let turn = Promise.resolve();
  const isHostAway = () => interruptions > 0;
  const viewers = Array.from({ length: VIEWERS }, () => openResumingViewer(system.url));
  const eventually = createProgressWaiter(movementOf(environment.observed, viewers, isHostAway));
  const client = createClient(system.url, { isAway: isHostAway, times: () => absences }, eventually);
  let runsBefore = 0;
  let violationsBefore = 0;
  const rows = await select<{ date: string }>(
    environment.observed.pool,
    'SELECT date FROM calendar ORDER BY date',
  );
  const dates = rows.map(({ date }) => date);

  function interrupt(): void {
    interruptions += 1;
    absences += 1;
  }

  async function startRun(): Promise<string> {
    faultPoints.clear();
    for (const server of Object.values(environment.servers)) await heal(server);
    violationsBefore = client.violations.length;
    runsBefore = (await eventually(environment.accepted.read)).length;
    await client.retryUntilAccepted('/simulation/init', { dates });
    await client.retryUntilAccepted('/simulation/reset');
    const { run_id: runId } = await client.status();
    await eventually(() => {
      for (const viewer of viewers) expect(viewer.seen().statuses.at(-1)?.run_id).toBe(runId);
    });
    return runId ?? expect.unreachable('A reset starts a run.');
  }

  /** One at a time: there is only one host. */
  function killHost(whileAway = async () => {}): Promise<void> {
    const killed = turn.then(async () => {
      interrupt();
      try {
        await system.kill();
        // Even after a failure the following cases need a host.
        await whileAway().finally(() => restartHost(system));
      } finally {
        interruptions -= 1;
      }
    });
    turn = killed.catch(() => undefined);
    return killed;
  }

  function beginFreeze(): () => Promise<void> {
    // During a restart there is no process to freeze.
    if (isHostAway()) return async () => undefined;
    const { pid } = system;
    signalProcess(pid, 'SIGSTOP');
    interrupt();
    let isOver = false;
    return async () => {
      if (isOver) return;
      isOver = true;
      signalProcess(pid, 'SIGCONT');
      interruptions -= 1;
    };
  }

  /** Several days per request, until the last day is confirmed. */
  async function advanceToTheEnd(): Promise<void> {
    await eventually(async () => {
      await client.click(5);
      const { day_index: dayIndex, total_days: totalDays } = await client.status();
      expect(dayIndex, 'the last day').toBe(totalDays - 1);
    });
  }

  async function untilSettled(): Promise<void> {
    await eventually(async () => {
      const { run_id: runId, day_index: dayIndex, progress_pct: progress } = await client.status();
      expect(progress).toBe(100);
      const published = await environment.observed.store.readProgress(runId ?? '');
      expect(published?.publishedIndex, 'the last day whose publication is put down').toBe(dayIndex);
    });
    await eventually(expectNothingOnItsWay);
  }

  /** A message that is still to be delivered, perhaps again, could still do harm. */
  async function expectNothingOnItsWay(): Promise<void> {
    const answer = await client.send('GET', '/metrics');
    expect(metrics.parse(answer?.body).kafka.consumer_lag.total, 'messages not confirmed').toBe(0);
  }

  async function finishAndCompare(): Promise<Compared> {
    await advanceToTheEnd();
    await eventually(async () =>
      expect(await client.status()).toMatchObject({ is_complete: true, progress_pct: 100 }),
    );
    await eventually(expectNothingOnItsWay);
    const { run_id: runId } = await client.status();
    const runs = await eventually(async () => {
      const accepted = await environment.accepted.read();
      expect(accepted.at(-1)?.runId, 'the newest run that accepted days').toBe(runId);
      return accepted;
    });
    const ours = runs.slice(runsBefore).filter(({ lastIndex }) => lastIndex >= 0);
    const events = await eventually(() =>
      Promise.all(ours.map((run) => compareRun(environment.observed, run))),
    );
    for (const viewer of viewers) {
      await eventually(() => compareViewer(environment.observed, runId ?? '', viewer));
    }
    compareClicks(runs, client.acknowledged);
    const deadLetters = await eventually(() => environment.foreign.compare(environment.observed.pool));
    expect(client.violations.slice(violationsBefore), 'what was wrong with answers').toEqual([]);
    return { runs: ours.length, events: events.reduce((sum, count) => sum + count, 0), deadLetters };
  }

  return {
    environment,
    client,
    viewers,
    dates,
    eventually,
    startRun,
    killHost,
    async killHostAt(held) {
      await held.reached;
      await killHost();
    },
    beginFreeze,
    reconcile: async () => void (await eventually(() => system.invoke('reconciliation', {}))),
    advanceToTheEnd,
    untilSettled,
    untilHealthReports: (down) => eventually(() => expectHealth(client, down)),
    finishAndCompare,
    async close() {
      await Promise.all(viewers.map((viewer) => viewer.close()));
    },
  };
}

const metrics = z.looseObject({
  kafka: z.looseObject({ consumer_lag: z.looseObject({ total: z.int() }) }),
});

const health = z.looseObject({ dependencies: z.record(z.string(), z.looseObject({ status: z.string() })) });

async function expectHealth(client: Client, down: readonly ServerName[]): Promise<void> {
  const answer = await client.send('GET', '/health?deep=1');
  const { dependencies } = health.parse(answer?.body);
  const told = Object.entries(dependencies).flatMap(([name, { status }]) =>
    status === 'down' ? [name] : [],
  );
  expect(told.toSorted()).toEqual(down.toSorted());
  expect(answer?.status).toBe(down.length === 0 ? 200 : 503);
}
