import { expect } from 'vitest';
import * as z from 'zod';
import type { ServerName } from '../../infra/local/servers/addresses.ts';
import { select } from '../../shared/mysql/connection.ts';
import { type Client, createClient } from './client.ts';
import { type Compared, compareClicks, compareRun, compareViewer } from './comparison.ts';
import { type Arena, restartHost } from './environment.ts';
import type { Held } from './fault-points.ts';
import { openResumingViewer, type ResumingViewer } from './resuming-viewer.ts';
import { heal, signalProcess } from './server-faults.ts';
import { createPatience, type Eventually, movementOf } from './wait-for-progress.ts';

/** A case in an arena: buttons are pressed, faults happen, and at the end everything is compared. */
export interface Play {
  readonly arena: Arena;
  readonly client: Client;
  readonly viewers: readonly ResumingViewer[];
  /** The days of the data set. */
  readonly dates: readonly string[];
  readonly eventually: Eventually;
  /** Begins a new run of all days that all viewers stand in. @returns its id. */
  begin(): Promise<string>;
  /** Kills the host and starts it again, once what is to happen while it is away has happened or failed. */
  killHost(whileAway?: () => Promise<void>): Promise<void>;
  /** Kills the host when a function stands at the point, and starts it again. */
  killHostAt(held: Held): Promise<void>;
  /** Stops the host's process. @returns what lets it go on; whoever calls it again does nothing. */
  beginFreeze(): () => Promise<void>;
  /** Presses until no day is left. */
  playToTheEnd(): Promise<void>;
  /** Waits until all that was accepted has arrived, and everybody on its way has put down that it has. */
  untilSettled(): Promise<void>;
  /** Runs the reconciliation, as its schedule does. */
  reconcile(): Promise<void>;
  /** Asks `/health?deep=1` until it says that exactly these servers are down. */
  untilHealthTells(down: readonly ServerName[]): Promise<void>;
  /** Plays the run to its end, waits until it is complete and compares all there is of the runs since `begin`. */
  finish(): Promise<Compared>;
  close(): Promise<void>;
}

const VIEWERS = 2;

export async function openPlay(arena: Arena): Promise<Play> {
  const { system, points } = arena;
  /** Interruptions of the host that are not over. */
  let interruptions = 0;
  /** All that have begun. */
  let absences = 0;
  let turn = Promise.resolve();
  const isHostAway = () => interruptions > 0;
  const viewers = Array.from({ length: VIEWERS }, () => openResumingViewer(system.url));
  const eventually = createPatience(movementOf(arena.observed, viewers, isHostAway));
  const client = createClient(system.url, { isAway: isHostAway, times: () => absences }, eventually);
  let runsBefore = 0;
  let complaintsBefore = 0;
  const rows = await select<{ date: string }>(arena.observed.pool, 'SELECT date FROM calendar ORDER BY date');
  const dates = rows.map(({ date }) => date);

  function interrupt(): void {
    interruptions += 1;
    absences += 1;
  }

  async function begin(): Promise<string> {
    points.clear();
    for (const server of Object.values(arena.servers)) await heal(server);
    complaintsBefore = client.complaints.length;
    runsBefore = (await eventually(arena.accepted.read)).length;
    await client.insist('/simulation/init', { dates });
    await client.insist('/simulation/reset');
    const { run_id: runId } = await client.status();
    await eventually(() => {
      for (const viewer of viewers) expect(viewer.seen().statuses.at(-1)?.run_id).toBe(runId);
    });
    return runId ?? expect.unreachable('A reset starts a run.');
  }

  /** One after the other: there is one place for a host. */
  function killHost(whileAway = async () => {}): Promise<void> {
    const killed = turn.then(async () => {
      interrupt();
      try {
        await system.kill();
        // Whatever fails meanwhile, the cases that follow need a host.
        await whileAway().finally(() => restartHost(system));
      } finally {
        interruptions -= 1;
      }
    });
    turn = killed.catch(() => undefined);
    return killed;
  }

  function beginFreeze(): () => Promise<void> {
    // While it starts again, nothing runs that could be stopped.
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

  /** With several days at a time, as long as that is not certain. */
  async function playToTheEnd(): Promise<void> {
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
      const published = await arena.observed.store.readProgress(runId ?? '');
      expect(published?.publishedIndex, 'the last day whose publication is put down').toBe(dayIndex);
    });
    await eventually(expectNothingOnItsWay);
  }

  /** What is still to be delivered, perhaps again, could still do harm. */
  async function expectNothingOnItsWay(): Promise<void> {
    const answer = await client.send('GET', '/metrics');
    expect(metrics.parse(answer?.body).kafka.consumer_lag.total, 'messages not confirmed').toBe(0);
  }

  async function finish(): Promise<Compared> {
    await playToTheEnd();
    await eventually(async () =>
      expect(await client.status()).toMatchObject({ is_complete: true, progress_pct: 100 }),
    );
    await eventually(expectNothingOnItsWay);
    const { run_id: runId } = await client.status();
    const runs = await eventually(async () => {
      const accepted = await arena.accepted.read();
      expect(accepted.at(-1)?.runId, 'the newest run that accepted days').toBe(runId);
      return accepted;
    });
    const ours = runs.slice(runsBefore).filter(({ lastIndex }) => lastIndex >= 0);
    const events = await eventually(() => Promise.all(ours.map((run) => compareRun(arena.observed, run))));
    for (const viewer of viewers) {
      await eventually(() => compareViewer(arena.observed, runId ?? '', viewer));
    }
    compareClicks(runs, client.acknowledged);
    expect(client.complaints.slice(complaintsBefore), 'what was wrong with answers').toEqual([]);
    return { runs: ours.length, events: events.reduce((sum, count) => sum + count, 0) };
  }

  return {
    arena,
    client,
    viewers,
    dates,
    eventually,
    begin,
    killHost,
    async killHostAt(held) {
      await held.reached;
      await killHost();
    },
    beginFreeze,
    reconcile: async () => void (await eventually(() => system.invoke('reconciliation', {}))),
    playToTheEnd,
    untilSettled,
    untilHealthTells: (down) => eventually(() => expectHealth(client, down)),
    finish,
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
