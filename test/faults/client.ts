import * as z from 'zod';
import type { SimulationStatus } from '../../shared/api/simulation.ts';
import type { Acknowledged } from './accepted-runs.ts';
import type { Eventually } from './wait-for-progress.ts';

/** The result of a request. */
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
 * A function answers within 8 s after waiting at most 20 s for a worker; the host aborts requests after 30 s. The rest is
 * headroom for a busy machine.
 */
const BOUND_MS = 40_000;

/** Sends requests and checks every answer: it must arrive in bounded time, and a failure must be a problem document. */
export interface Client {
  /** Every acknowledged advance, for the comparison at the end. */
  readonly acknowledged: readonly Acknowledged[];
  /** Answers that were wrong or missing while the host was up. */
  readonly violations: readonly string[];
  /** @returns null if there was no answer. */
  send(method: string, path: string, body?: unknown): Promise<Answer | null>;
  /** Sends one advance, whatever its outcome. */
  click(days?: number): Promise<Answer | null>;
  /** Repeats the advance until days are known to be accepted. */
  advance(days?: number): Promise<void>;
  /** Repeats an idempotent change until it is accepted. */
  retryUntilAccepted(path: string, body?: unknown): Promise<void>;
  /** Repeats the request until it is answered. */
  status(): Promise<SimulationStatus>;
}

const accepted = z.object({ run_id: z.string(), day_index: z.int(), days: z.int() });

/** Whether the host is killed, starting or frozen. It need not answer then. */
export interface HostAbsence {
  readonly isAway: () => boolean;
  /** How many absences have begun; a request may span the start and the end of one. */
  readonly times: () => number;
}

export function createClient(url: string, host: HostAbsence, eventually: Eventually): Client {
  const acknowledged: Acknowledged[] = [];
  const violations: string[] = [];

  async function send(method: string, path: string, body?: unknown): Promise<Answer | null> {
    const [wasAway, timesBefore] = [host.isAway(), host.times()];
    const report = (violation: string) => {
      if (!wasAway && host.times() === timesBefore) violations.push(`${method} ${path}: ${violation}`);
    };
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(BOUND_MS),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const json = z.record(z.string(), z.unknown()).parse(await response.json());
      violationsOf(response, json).forEach(report);
      return { status: response.status, body: json };
    } catch (error) {
      report(`not answered: ${causesOf(error)}`);
      return null;
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

  function success(work: () => Promise<Answer | null>): Promise<Answer> {
    return eventually(async () => {
      const answer = await work();
      if (answer?.status === 200) return answer;
      throw new Error(`No success: ${JSON.stringify(answer)}`);
    });
  }

  async function status(): Promise<SimulationStatus> {
    const { body } = await success(() => send('GET', '/simulation/status'));
    return body as unknown as SimulationStatus;
  }

  async function advance(days = 1): Promise<void> {
    const { run_id: runId, day_index: before } = await status();
    await eventually(async () => {
      if ((await click(days))?.status === 200) return;
      // The advance may have been accepted nevertheless.
      const now = await status();
      if (now.run_id === runId && now.day_index > before) return;
      throw new Error(`Day ${before} is still the last one.`);
    });
  }

  return {
    acknowledged,
    violations,
    send,
    click,
    advance,
    retryUntilAccepted: async (path, body) => void (await success(() => send('POST', path, body))),
    status,
  };
}

function violationsOf(response: Response, body: unknown): string[] {
  if (response.status < 400) return [];
  const type = response.headers.get('content-type') ?? '';
  const { data, error } = problem.safeParse(body);
  if (!type.includes('application/problem+json') || error)
    return [`no problem document: ${type} ${JSON.stringify(body)}`];
  if (data.status !== response.status) return [`status ${response.status} with ${JSON.stringify(body)}`];
  // An unavailable server must never be reported as a defect.
  return data.code === 'internal' ? [`a defect: ${JSON.stringify(body)}`] : [];
}

function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}, ${causesOf(error.cause)}`;
}
