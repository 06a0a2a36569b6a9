/** `npm run soak`: does anything grow while days are accepted, runs replaced, and viewers come and go? */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomStream } from '../../data/generator/random-stream.ts';
import { type LocalSystem, startLocalSystem } from '../support/stage.ts';
import { viewerPlan } from '../viewers/plan.ts';
import { noCounts, watchReconnecting } from '../viewers/reconnecting-viewer.ts';
import { openHeapInspector } from './heaps.ts';
import { clickOn, noLoad, readOn } from './load.ts';
import { parseSoakOptions, type SoakOptions } from './options.ts';
import { startRecording } from './recording.ts';
import { complaintsOf, type SoakState, save, tableOf } from './report.ts';
import { sampleHeaps, sampleProcess, sampleViewers } from './samples.ts';
import { newOrderCheck, orderWitness } from './trend.ts';
import { warmUp } from './warm-up.ts';

const FOLDER = join(import.meta.dirname, '../../.local/soak');
const LOOK_EVERY_S = 10;
const LOOKS_PER_COLLECTION = 6;

/** Some stalls outlast the 30 s after which a slow reader is dropped. */
const RECONNECTIONS = { sales: 1_000, withinMs: 30_000, awayMs: 5_000, stallMs: 45_000 };

process.exitCode = await soak(parseSoakOptions(process.argv.slice(2)));

/** @returns the exit code: 0 if nothing grew and every answer was right. */
async function soak(options: SoakOptions): Promise<number> {
  const folder = join(FOLDER, options.name);
  const stage = await startLocalSystem(folder, options.port);
  console.log(
    `Process ${stage.pid} at ${stage.url}, for ${options.minutes} minutes; curves go to ${folder}.`,
  );
  try {
    await warmUp(stage.url);
    const state = await load(stage, options, (now) => save(folder, now));
    await save(folder, state);
    const { load: requests, viewers, seen, curves } = state;
    console.log(tableOf(curves), { requests, viewers, seen });
    const complaints = complaintsOf(state);
    for (const complaint of complaints) console.error(complaint);
    return complaints.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

/** Puts load on the system for the given time and samples it meanwhile. */
async function load(
  stage: LocalSystem,
  { seed, viewers, minutes, collect }: SoakOptions,
  onLook: (state: SoakState) => Promise<void>,
): Promise<SoakState> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const ending = new AbortController();
  const state = { load: noLoad(), viewers: noCounts(), seen: newOrderCheck() };
  const watching = Array.from({ length: viewers }, (_, number) => {
    const plan = viewerPlan(seed, number, RECONNECTIONS);
    return watchReconnecting({
      url: stage.url,
      plan,
      witness: orderWitness(state.seen),
      counts: state.viewers,
    });
  });
  const working = [
    clickOn(stage.url, randomStream(seed, 'clicks'), state.load, ending.signal),
    readOn(stage.url, randomStream(seed, 'reads'), state.load, ending.signal),
  ];
  const recording = startRecording(seconds);
  const heaps = await openHeapInspector(stage.inspector);
  for (let look = 1; seconds() < minutes * 60; look += 1) {
    await delay(Math.max(0, look * LOOK_EVERY_S - seconds()) * 1000);
    const connected = watching.filter((one) => one.isConnected()).length;
    recording.add('viewers that are connected', '', viewers, connected);
    await sampleViewers(stage, viewers, recording);
    await sampleProcess(stage, recording);
    if (collect && look % LOOKS_PER_COLLECTION === 0) await sampleHeaps(heaps, recording);
    await onLook({ ...state, curves: recording.curves() });
  }
  heaps.close();
  ending.abort();
  await Promise.all([...working, ...watching.map((one) => one.stop())]);
  return { ...state, curves: recording.curves() };
}
