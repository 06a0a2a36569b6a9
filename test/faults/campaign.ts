import { setTimeout as wait } from 'node:timers/promises';
import type { Compared } from './comparison.ts';
import { DAYS } from './environment.ts';
import { type Strike, strike } from './inject-fault.ts';
import type { Play } from './scenario.ts';
import { FAULTS_PER_ROUND, nameOf, type Round, type ScheduledFault, STEPS, schedule } from './schedule.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Takes the output, a line at a time. */
  readonly say: (line: string) => void;
}

const STEP_MS = 500;

/** Plays the rounds of a seed. Each ends with everything compared. */
export async function runCampaign(play: Play, { seed, rounds, say }: CampaignOptions): Promise<void> {
  const startedAt = performance.now();
  const counts = new Map<string, number>();
  const missed: string[] = [];
  let [runs, events] = [0, 0];
  say(`seed ${seed}: ${rounds} rounds, ${rounds * FAULTS_PER_ROUND} faults`);
  for (const [index, round] of schedule(seed, rounds, DAYS).entries()) {
    const roundStartedAt = performance.now();
    const title = `seed ${seed} round ${index + 1}`;
    const { compared, struck } = await playRound(play, round, (line) => say(`${title} ${line}`)).catch(
      (cause) => {
        const replay = `npm run test:faults -- --seed ${seed} --rounds ${index + 1} --only campaign`;
        throw new Error(`${title} failed; ${replay} plays the same again.`, { cause });
      },
    );
    for (const { fault, hasHappened } of struck) {
      const name = nameOf(fault).replace(/,.*| with.*/, '');
      if (hasHappened()) counts.set(name, (counts.get(name) ?? 0) + 1);
      else missed.push(name);
    }
    runs += compared.runs;
    events += compared.events;
    say(
      `${title}: ${compared.runs} runs, ${compared.events} events the same everywhere, ${since(roundStartedAt)}`,
    );
  }
  for (const [name, count] of [...counts].toSorted()) say(`seed ${seed}: ${count} × ${name}`);
  const happened = [...counts.values()].reduce((sum, count) => sum + count, 0);
  say(
    `seed ${seed}: ${rounds} rounds passed, ${happened} faults happened, ${missed.length} did not (${missed.join(', ') || 'none'}), ` +
      `${runs} runs, ${events} events, ${since(startedAt)}`,
  );
}

type Struck = ScheduledFault & Strike;

async function playRound(
  play: Play,
  round: Round,
  say: (line: string) => void,
): Promise<{ compared: Compared; struck: readonly Struck[] }> {
  await play.begin();
  const struck: Struck[] = [];
  const clicks: Promise<unknown>[] = [];
  const ends: { readonly step: number; readonly end: () => Promise<void> }[] = [];
  const endThose = async (due: (step: number) => boolean) => {
    const failures: unknown[] = [];
    for (const one of ends.filter(({ step }) => due(step))) {
      ends.splice(ends.indexOf(one), 1);
      // One that can't be ended leaves none of the others on.
      await one.end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'A fault could not be ended.');
  };
  try {
    for (let step = 0; step < STEPS; step += 1) {
      await endThose((due) => due <= step);
      for (const scheduled of round.faults.filter((one) => one.step === step)) {
        const startedAt = performance.now();
        const begun = await strike(play, scheduled.fault);
        struck.push(Object.assign(begun, scheduled));
        const lasts = 'steps' in scheduled.fault ? scheduled.fault.steps : 0;
        const end = async () => {
          await begun.end();
          say(`step ${step}: ${nameOf(scheduled.fault)} (${since(startedAt)})`);
        };
        ends.push({ step: step + lasts, end });
      }
      const days = round.clicks[step] ?? 0;
      if (days > 0) clicks.push(play.client.click(days));
      await wait(STEP_MS);
    }
  } finally {
    await endThose(() => true);
  }
  await Promise.all(clicks);
  return { compared: await settle(play, struck), struck };
}

/** Lets what waits for its point happen, then heals what only the reconciliation can, and compares. */
async function settle(play: Play, struck: readonly Struck[]): Promise<Compared> {
  await play.playToTheEnd();
  for (let runs = 0; runs < FURTHER_RUNS && !(await haveHappened(play, struck)); runs += 1) {
    await play.client.insist('/simulation/reset');
    await play.playToTheEnd();
  }
  play.arena.points.clear();
  for (const one of struck) one.callOff();
  for (const one of struck) await one.over;
  await play.reconcile();
  return play.finish();
}

/** Runs that faults get whose points the round's own never came to, as one of few days may. */
const FURTHER_RUNS = 3;

/**
 * What is on its way has come by then, unless something withholds it for ever. A consumer whose connection has fallen silent
 * needs most of that to give it up.
 */
const ON_ITS_WAY_MS = 90_000;

/** Waits until every fault has happened, or nothing comes any more at which one could. @returns whether all have. */
async function haveHappened({ client }: Play, struck: readonly Struck[]): Promise<boolean> {
  const end = Date.now() + ON_ITS_WAY_MS;
  const all = () => struck.every(({ hasHappened }) => hasHappened());
  while (!all() && Date.now() < end && !(await client.status()).is_complete) await wait(STEP_MS);
  return all();
}

function since(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}
