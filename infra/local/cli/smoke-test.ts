/** Plays one day from the outside: the minimum that a deployment must be able to do. */
import { setTimeout as delay } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import * as z from 'zod';
import { type Operation, operations } from '../../../shared/api/operations.ts';

export interface SmokeOptions {
  readonly url: URL;
  /** Empty if the system requires none. */
  readonly token: string;
  readonly say: (line: string) => void;
  /** How long servers may take to answer for the first time, in milliseconds. */
  readonly healthyWithinMs?: number;
}

/** A step failed. */
class SmokeError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'SmokeError';
  }
}

/** A response that no retry will change. */
class FinalAnswer extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'FinalAnswer';
  }
}

/** From the click to the day's last sale, with a cold start of every function. */
const DAY_MS = 90_000;
const REQUEST_MS = 20_000;
/** A new function opens its first connections during its first request, which may take longer than the request's own limits. */
const HEALTHY_WITHIN_MS = 60_000;
const HEALTH_PAUSE_MS = 500;

const healthy = z.object({ status: z.literal('ok') });
const status = z.object({ day_index: z.int(), total_days: z.int(), run_id: z.string().nullable() });
const clicked = z.object({ current_day: z.string(), day_index: z.int() });
const sale = z.object({ id: z.int(), date: z.string(), day_total: z.int(), day_index: z.int() });
const recent = z.object({ events: z.array(z.object({ date: z.string() })) });

/**
 * Waits until the system is healthy, opens the stream, plays the next day and waits for each of its sales, once and in order.
 *
 * @throws SmokeError naming the step that failed and its cause.
 */
export async function smoke(options: SmokeOptions): Promise<void> {
  const { say, url } = options;
  say(`Trying ${url.origin}`);
  await step(say, 'every server answers', () => untilHealthy(options));
  await step(say, 'the page is served', () => expectPage(options));
  const before = await step(say, 'the simulation has a calendar', () => readyStatus(options));
  const stop = new AbortController();
  try {
    const sales = await step(say, 'the stream opens', () => openStream(options, stop.signal));
    const day = await step(say, 'Next Day is accepted', () => ask(options, operations.nextDay, clicked));
    await step(say, `every sale of ${day.current_day} arrives, once and in order`, () =>
      receiveDay(sales, day.day_index),
    );
    await step(say, 'the sales are stored', () => expectStored(options, day.current_day));
    say(`Day ${day.day_index + 1} of ${before.total_days} was played.`);
  } finally {
    stop.abort();
  }
}

async function step<Result>(
  say: SmokeOptions['say'],
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now();
  try {
    const result = await work();
    say(`  ok      ${what} (${Math.round(performance.now() - started)} ms)`);
    return result;
  } catch (cause) {
    say(`  failed  ${what}`);
    throw new SmokeError(`This failed: ${what} (${reasonOf(cause)})`, { cause });
  }
}

/** Includes the cause, because fetch reports no more than "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** @throws FinalAnswer if a retry can't help: the response is below 500 or has another form. */
async function ask<Answer>(
  { url, token }: SmokeOptions,
  { method, path }: Operation,
  schema: z.ZodType<Answer>,
  query = '',
): Promise<Answer> {
  const response = await fetch(new URL(`${path}${query}`, url), {
    method,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const text = await response.text();
  const asked = `${method} ${path}${query} answered`;
  const said = text.slice(0, 500);
  if (response.status >= 500) throw new Error(`${asked} ${response.status}: ${said}`);
  if (!response.ok) throw new FinalAnswer(`${asked} ${response.status}: ${said}`);
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FinalAnswer(`${asked} in an unexpected form: ${said}`, { cause });
  }
}

/** Polls until every server is healthy. @throws Error with the last response when the time is up. */
async function untilHealthy(options: SmokeOptions): Promise<void> {
  const end = performance.now() + (options.healthyWithinMs ?? HEALTHY_WITHIN_MS);
  for (;;) {
    try {
      await ask(options, operations.readHealth, healthy, '?deep=1');
      return;
    } catch (error) {
      if (error instanceof FinalAnswer || performance.now() >= end) throw error;
    }
    await delay(HEALTH_PAUSE_MS);
  }
}

async function expectPage({ url }: SmokeOptions): Promise<void> {
  const { path } = operations.readLivePage;
  const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(REQUEST_MS) });
  const type = response.headers.get('content-type') ?? 'nothing';
  await response.body?.cancel();
  if (!response.ok || !type.startsWith('text/html')) {
    throw new Error(`GET ${path} answered ${response.status} with ${type}`);
  }
}

async function readyStatus(options: SmokeOptions): Promise<z.infer<typeof status>> {
  const now = await ask(options, operations.readSimulationStatus, status);
  if (now.total_days === 0) throw new Error('no data set is loaded; see "The data set" in docs/deploy.md');
  if (now.day_index + 1 >= now.total_days)
    throw new Error(`all days are played; POST ${operations.resetSimulation.path} first`);
  return now;
}

type Sale = z.infer<typeof sale>;

/** Sales from the stream, starting with the current day. */
async function openStream({ url }: SmokeOptions, signal: AbortSignal): Promise<ReadableStream<Sale>> {
  const { path } = operations.streamEvents;
  const response = await fetch(new URL(path, url), { signal });
  if (!response.ok || !response.body) throw new Error(`GET ${path} answered ${response.status}`);
  const sales = new TransformStream<{ event?: string | undefined; data: string }, Sale>({
    transform({ event, data }, controller) {
      if (event === undefined) controller.enqueue(sale.parse(JSON.parse(data)));
    },
  });
  return response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .pipeThrough(sales);
}

async function receiveDay(sales: ReadableStream<Sale>, dayIndex: number): Promise<void> {
  const ids: number[] = [];
  const reader = sales.getReader();
  const timer = setTimeout(() => void reader.cancel(), DAY_MS);
  try {
    for (let total = Number.POSITIVE_INFINITY; ids.length < total; ) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended or went silent after ${ids.length} sales`);
      if (value.day_index !== dayIndex) continue;
      total = value.day_total;
      expectAscending(ids, value.id);
      ids.push(value.id);
    }
  } finally {
    clearTimeout(timer);
  }
}

function expectAscending(ids: readonly number[], next: number): void {
  const last = ids.at(-1) ?? 0;
  if (next <= last) throw new Error(`the sale ${next} came after ${last}`);
}

async function expectStored(options: SmokeOptions, date: string): Promise<void> {
  const { events } = await ask(options, operations.recentSales, recent, '?limit=1');
  if (events[0]?.date !== date)
    throw new Error(`the newest stored sale is from ${events[0]?.date ?? 'no day'}`);
}
