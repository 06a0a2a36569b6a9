import { setTimeout as wait } from 'node:timers/promises';
import type { Compared } from './comparison.ts';
import { DAYS } from './environment.ts';
import { type InjectedFault, injectFault } from './inject-fault.ts';
import type { Scenario } from './scenario.ts';
import { FAULTS_PER_ROUND, nameOf, type Round, type ScheduledFault, STEPS, schedule } from './schedule.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Receives the output line by line. */
  readonly say: (line: string) => void;
}

const STEP_MS = 500;

/** Runs the rounds of a seed. Each ends with a complete comparison. */
export async function runCampaign(scenario: Scenario, { seed, rounds, say }: CampaignOptions): Promise<void> {
  const startedAt = performance.now();
  const counts = new Map<string, number>();
  const missed: string[] = [];
  let [runs, events, deadLetters] = [0, 0, 0];
  say(`seed ${seed}: ${rounds} rounds, ${rounds * FAULTS_PER_ROUND} faults`);
  for (const [index, round] of schedule(seed, rounds, DAYS).entries()) {
    const roundStartedAt = performance.now();
    const title = `seed ${seed} round ${index + 1}`;
    const { compared, injected } = await runRound(scenario, round, (line) => say(`${title} ${line}`)).catch(
      (cause) => {
        const replay = `npm run test:faults -- --seed ${seed} --rounds ${index + 1} --only campaign`;
        throw new Error(`${title} failed; ${replay} repeats the same faults.`, { cause });
      },
    );
    for (const { fault, hasHappened } of injected) {
      const name = nameOf(fault).replace(/,.*| with.*/, '');
      if (hasHappened()) counts.set(name, (counts.get(name) ?? 0) + 1);
      else missed.push(name);
    }
    runs += compared.runs;
    events += compared.events;
    deadLetters = compared.deadLetters;
    say(
      `${title}: ${compared.runs} runs, ${compared.events} events the same everywhere, ${compared.deadLetters} dead letters ` +
        `so far, ${since(roundStartedAt)}`,
    );
  }
  for (const [name, count] of [...counts].toSorted()) say(`seed ${seed}: ${count} × ${name}`);
  const happened = [...counts.values()].reduce((sum, count) => sum + count, 0);
  say(
    `seed ${seed}: ${rounds} rounds passed, ${happened} faults happened, ${missed.length} did not (${missed.join(', ') || 'none'}), ` +
      `${runs} runs, ${events} events, ${deadLetters} dead letters, ${since(startedAt)}`,
  );
}

type Injected = ScheduledFault & InjectedFault;

async function runRound(
  scenario: Scenario,
  round: Round,
  say: (line: string) => void,
): Promise<{ compared: Compared; injected: readonly Injected[] }> {
  await scenario.startRun();
  const injected: Injected[] = [];
  const clicks: Promise<unknown>[] = [];
  const ends: { readonly step: number; readonly end: () => Promise<void> }[] = [];
  const endThose = async (due: (step: number) => boolean) => {
    const failures: unknown[] = [];
    for (const one of ends.filter(({ step }) => due(step))) {
      ends.splice(ends.indexOf(one), 1);
      // A fault that can't be ended must not leave the others active.
      await one.end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'A fault could not be ended.');
  };
  try {
    for (let step = 0; step < STEPS; step += 1) {
      await endThose((due) => due <= step);
      for (const scheduled of round.faults.filter((one) => one.step === step)) {
        const startedAt = performance.now();
        const begun = await injectFault(scenario, scheduled.fault);
        injected.push(Object.assign(begun, scheduled));
        const lasts = 'steps' in scheduled.fault ? scheduled.fault.steps : 0;
        const end = async () => {
          await begun.end();
          say(`step ${step}: ${nameOf(scheduled.fault)} (${since(startedAt)})`);
        };
        ends.push({ step: step + lasts, end });
      }
      const days = round.clicks[step] ?? 0;
      if (days > 0) clicks.push(scenario.client.click(days));
      await wait(STEP_MS);
    }
  } finally {
    await endThose(() => true);
  }
  await Promise.all(clicks);
  return { compared: await settle(scenario, injected), injected };
}

/** Waits for faults that are still pending, runs the reconciliation, and compares. */
async function settle(scenario: Scenario, injected: readonly Injected[]): Promise<Compared> {
  await scenario.advanceToTheEnd();
  for (let runs = 0; runs < FURTHER_RUNS && !(await haveHappened(scenario, injected)); runs += 1) {
    await scenario.client.retryUntilAccepted('/simulation/reset');
    await scenario.advanceToTheEnd();
  }
  scenario.environment.faultPoints.clear();
  for (const one of injected) one.cancel();
  for (const one of injected) await one.over;
  await scenario.reconcile();
  return scenario.finishAndCompare();
}

/** Further runs for faults whose point the round's own run never reached; a short run may miss some. */
const FURTHER_RUNS = 3;

/**
 * Everything in transit arrives within this time unless a fault withholds it. A consumer whose connection has gone silent
 * needs most of it to give the connection up.
 */
const ON_ITS_WAY_MS = 90_000;

/** Waits until every fault has happened or nothing is left in transit that could trigger one. @returns whether all happened. */
async function haveHappened({ client }: Scenario, injected: readonly Injected[]): Promise<boolean> {
  const end = Date.now() + ON_ITS_WAY_MS;
  const all = () => injected.every(({ hasHappened }) => hasHappened());
  while (!all() && Date.now() < end && !(await client.status()).is_complete) await wait(STEP_MS);
  return all();
}

function since(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}
