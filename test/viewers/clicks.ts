import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { randomStream } from '../../data/generator/random-stream.ts';

const accepted = z.object({ run_id: z.string(), day_index: z.int() });

/** Where the advances ended. */
export interface LastClick {
  readonly runId: string;
  readonly dayIndex: number;
}

export interface ClickOptions {
  readonly url: string;
  readonly seed: number;
  /** Runs to start; each but the last is replaced at a random day. */
  readonly runs: number;
  /** Days of the last run, and the maximum for the others. */
  readonly days: number;
}

const MAX_DAYS_PER_CLICK = 3;
const MAX_PAUSE_MS = 250;

/** Advances through several runs as the seed determines: one or more days at a time, close together or apart. */
export async function clickThroughRuns({ url, seed, runs, days }: ClickOptions): Promise<LastClick> {
  const random = randomStream(seed, 'clicks');
  let last: LastClick = { runId: '', dayIndex: -1 };
  for (let run = 1; run <= runs; run += 1) {
    const until = run === runs ? days : random.integer(1, days);
    if (run > 1) await post(`${url}/simulation/reset`);
    for (let left = until; left > 0; ) {
      const count = Math.min(left, random.integer(1, MAX_DAYS_PER_CLICK));
      const answer = accepted.parse(await post(`${url}/simulation/next-day?days=${count}`));
      last = { runId: answer.run_id, dayIndex: answer.day_index };
      left -= count;
      await delay(random.integer(0, MAX_PAUSE_MS));
    }
  }
  return last;
}

async function post(address: string): Promise<unknown> {
  const response = await fetch(address, { method: 'POST' });
  if (!response.ok) throw new Error(`${address} was answered ${response.status}: ${await response.text()}`);
  return response.json();
}
