import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import type { SimulationStatus } from '../../shared/simulation/status.ts';
import { settings } from './settings.ts';

/** What a request came to. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
});

/**
 * A function answers within 8 s, and may be waited for by 20 s: the host ends what takes 30 s. The rest is for a machine
 * that does other work.
 */
const BOUND_MS = 40_000;

/** A day that the system said it had accepted. */
export interface Acknowledged {
  readonly runId: string;
  readonly dayIndex: number;
  readonly days: number;
}

/** Presses the buttons, and looks at every answer: in bounded time, and a problem document if it is no success. */
export interface Client {
  /** All that was acknowledged, for the comparison at the end. */
  readonly acknowledged: Acknowledged[];
  /** Null if there was no answer, because the host is being killed or stands still. */
  send(method: string, path: string, body?: unknown): Promise<Answer | null>;
  click(days?: number): Promise<Answer | null>;
  /** Repeats a change that may happen twice until it is accepted. */
  insist(path: string, body?: unknown): Promise<void>;
  /** Asks until it is answered. */
  status(): Promise<SimulationStatus>;
}

const accepted = z.object({ run_id: z.string(), day_index: z.int(), days: z.int() });

/** @param mayBeSilent Whether the host is in a state in which it may leave a request without an answer. */
export function createClient(url: string, mayBeSilent: () => boolean): Client {
  const acknowledged: Acknowledged[] = [];

  async function send(method: string, path: string, body?: unknown): Promise<Answer | null> {
    const wasSilent = mayBeSilent();
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(BOUND_MS),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const json = z.record(z.string(), z.unknown()).parse(await response.json());
      checkForm(path, response, json);
      return { status: response.status, body: json };
    } catch (error) {
      if (wasSilent || mayBeSilent()) return null;
      throw new Error(`${method} ${path} was not answered as it must be.`, { cause: error });
    }
  }

  async function click(days = 1): Promise<Answer | null> {
    const answer = await send('POST', `/simulation/next-day?days=${days}`);
    if (answer?.status === 200) {
      const { run_id: runId, day_index: dayIndex, days: taken } = accepted.parse(answer.body);
      acknowledged.push({ runId, dayIndex, days: taken });
    }
    return answer;
  }

  async function until(work: () => Promise<Answer | null>): Promise<Answer> {
    const end = Date.now() + settings.settleMs;
    for (;;) {
      const answer = await work();
      if (answer?.status === 200) return answer;
      if (Date.now() > end) throw new Error(`Still no success: ${JSON.stringify(answer)}`);
      await wait(200);
    }
  }

  return {
    acknowledged,
    send,
    click,
    insist: async (path, body) => void (await until(() => send('POST', path, body))),
    status: async () =>
      (await until(() => send('GET', '/simulation/status'))).body as unknown as SimulationStatus,
  };
}

function checkForm(path: string, response: Response, body: unknown): void {
  if (response.status < 400) return;
  expect(response.headers.get('content-type'), path).toContain('application/problem+json');
  const { status, code } = problem.parse(body);
  expect(status, path).toBe(response.status);
  // No failure of a server behind is a defect of ours.
  expect(code, `${path}: ${JSON.stringify(body)}`).not.toBe('internal');
}
