import * as z from 'zod';
import type { SimulationStatus } from '../../shared/simulation/status.ts';
import type { Eventually } from './wait-for-progress.ts';

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
  readonly acknowledged: readonly Acknowledged[];
  /** What was wrong with answers, or that there was none, while the host was there. */
  readonly complaints: readonly string[];
  /** Null if there was no answer. */
  send(method: string, path: string, body?: unknown): Promise<Answer | null>;
  /** Presses once, whatever comes of it. */
  click(days?: number): Promise<Answer | null>;
  /** Presses until days are known to be accepted, however busy the machine is. */
  advance(days?: number): Promise<void>;
  /** Repeats a change that may happen twice until it is accepted. */
  insist(path: string, body?: unknown): Promise<void>;
  /** Asks until it is answered. */
  status(): Promise<SimulationStatus>;
}

const accepted = z.object({ run_id: z.string(), day_index: z.int(), days: z.int() });

/** When the host is killed, starts or stands still: then it need not answer, nor in its usual form. */
export interface HostAbsence {
  readonly isAway: () => boolean;
  /** How often it has been so far: what is asked meanwhile may see the beginning and the end of one. */
  readonly times: () => number;
}

export function createClient(url: string, host: HostAbsence, eventually: Eventually): Client {
  const acknowledged: Acknowledged[] = [];
  const complaints: string[] = [];

  async function send(method: string, path: string, body?: unknown): Promise<Answer | null> {
    const [wasAway, timesBefore] = [host.isAway(), host.times()];
    const complain = (complaint: string) => {
      if (!wasAway && host.times() === timesBefore) complaints.push(`${method} ${path}: ${complaint}`);
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
      complaintsAbout(response, json).forEach(complain);
      return { status: response.status, body: json };
    } catch (error) {
      complain(`not answered: ${causesOf(error)}`);
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
      // The click may count all the same.
      const now = await status();
      if (now.run_id === runId && now.day_index > before) return;
      throw new Error(`Day ${before} is still the last one.`);
    });
  }

  return {
    acknowledged,
    complaints,
    send,
    click,
    advance,
    insist: async (path, body) => void (await success(() => send('POST', path, body))),
    status,
  };
}

function complaintsAbout(response: Response, body: unknown): string[] {
  if (response.status < 400) return [];
  const type = response.headers.get('content-type') ?? '';
  const { data, error } = problem.safeParse(body);
  if (!type.includes('application/problem+json') || error)
    return [`no problem document: ${type} ${JSON.stringify(body)}`];
  if (data.status !== response.status) return [`status ${response.status} with ${JSON.stringify(body)}`];
  // No failure of a server behind is a defect of ours.
  return data.code === 'internal' ? [`a defect: ${JSON.stringify(body)}`] : [];
}

function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}, ${causesOf(error.cause)}`;
}
