/** Requests a client sends to the simulation. */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { simulationStatusSchema } from '../../shared/api/simulation.ts';

const POLL_MS = 100;
const runningSchema = simulationStatusSchema.extend({ run_id: z.uuid() });

/** @throws with the body if the answer isn't 2xx. */
async function ask(method: 'GET' | 'POST', url: string, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, url), { method });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}

export async function readStatus(url: string): Promise<z.infer<typeof runningSchema>> {
  return runningSchema.parse(await ask('GET', url, '/simulation/status'));
}

/** Starts a new run. @returns its id. */
export async function resetSimulation(url: string): Promise<string> {
  await ask('POST', url, '/simulation/reset');
  return (await readStatus(url)).run_id;
}

/** Accepts the next days. */
export async function nextDay(url: string, days = 1): Promise<void> {
  await ask('POST', url, `/simulation/next-day?days=${days}`);
}

/** Waits until every accepted day is completely stored. */
export async function untilStored(url: string): Promise<void> {
  for (;;) {
    const { day_total, day_received, is_complete, day_index, total_days } = await readStatus(url);
    const isLast = day_index === total_days - 1;
    if (isLast ? is_complete : day_total > 0 && day_received === day_total) return;
    await delay(POLL_MS);
  }
}
