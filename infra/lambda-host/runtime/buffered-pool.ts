/** The workers of one buffered function. Each runs one invocation at a time; further ones wait in a queue. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isLarger } from './handler-result.ts';
import {
  answered,
  exited,
  failed,
  functionErrorOf,
  hostStopping,
  type InvocationResult,
  MAX_RESPONSE_BYTES,
  responseTooLarge,
  throttled,
  timedOut,
} from './invocation-result.ts';
import type { FromWorker, FunctionError, HandlerResult } from './protocol.ts';
import { openWorkerSlot, type WorkerSlot, type WorkerSlotOptions } from './worker-slot.ts';
import { WorkerStartError, type WorkerThread } from './worker-thread.ts';

export interface BufferedPool {
  /**
   * Invokes the function with an event (JSON). Never rejects: a failure is part of the result.
   *
   * @param waitMs How long the invocation may wait for a free worker; unlimited by default.
   */
  invoke(event: string, waitMs?: number): Promise<InvocationResult>;
  /** Starts every worker before the first invocation. */
  warm(): void;
  /** Starts no further invocation until it is called with false: running ones finish, new ones wait in the queue. */
  hold(isHeld: boolean): void;
  /** Ends all workers as a crash would: running invocations fail, and the next one starts a new worker. */
  crash(): Promise<void>;
  /** Refuses new invocations, gives running ones `graceMs` milliseconds, then ends the workers. */
  close(graceMs: number): Promise<void>;
}

export interface PoolOptions extends Omit<WorkerSlotOptions, 'streaming' | 'onMessage' | 'onExit'> {
  readonly workers: number;
  readonly timeoutSeconds: number;
  /** A worker that is idle for this long ends, unless it is kept warm. By default none does. */
  readonly idleSeconds?: number;
}

/** Invocations that may wait for a worker: ten thousand requests at once, and as many again. AWS throttles earlier. */
const MAX_QUEUED = 20_000;

interface Job {
  readonly requestId: string;
  readonly event: string;
  /** Time after which the caller no longer waits for the result, in epoch milliseconds. */
  readonly startBefore: number;
  readonly settle: (result: InvocationResult) => void;
}

/** The invocation that a worker runs. */
interface Running {
  readonly id: number;
  readonly requestId: string;
  readonly settle: (outcome: HandlerResult | FunctionError) => void;
}

interface Place {
  readonly slot: WorkerSlot;
  busy: boolean;
  running: Running | undefined;
  idleTimer?: NodeJS.Timeout | undefined;
}

/** Opens the pool of a buffered function. Workers start with the first invocations, or by `warm`. */
export function openBufferedPool(options: PoolOptions): BufferedPool {
  const { timeoutSeconds, idleSeconds, keepWarm } = options;
  const queue: Job[] = [];
  const places = Array.from({ length: options.workers }, openPlace);
  let lastId = 0;
  let closed = false;
  let held = false;

  function openPlace(): Place {
    const slot = openWorkerSlot({
      ...options,
      streaming: false,
      onMessage: (message) => receive(place, message),
      onExit: (reason) => place.running?.settle(exited(place.running.requestId, reason)),
    });
    const place: Place = { slot, busy: false, running: undefined };
    return place;
  }

  function invoke(event: string, waitMs = Number.POSITIVE_INFINITY): Promise<InvocationResult> {
    const requestId = randomUUID();
    if (closed) return Promise.resolve(failed(requestId, hostStopping()));
    if (queue.length >= MAX_QUEUED) return Promise.resolve(failed(requestId, throttled()));
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    queue.push({ requestId, event, startBefore: Date.now() + waitMs, settle: resolve });
    dispatch();
    return promise;
  }

  function dispatch(): void {
    while (queue.length > 0 && !held) {
      const idle = places.filter(({ busy }) => !busy);
      const place = idle.find(({ slot }) => slot.isReady()) ?? idle[0];
      if (!place) return;
      const job = queue.shift();
      if (!job) return;
      void run(place, job);
    }
  }

  async function run(place: Place, job: Job): Promise<void> {
    place.busy = true;
    clearTimeout(place.idleTimer);
    job.settle(await attempt(place, job));
    free(place);
  }

  function free(place: Place): void {
    place.busy = false;
    dispatch();
    if (place.busy || closed || keepWarm || idleSeconds === undefined) return;
    place.idleTimer = setTimeout(() => void endIdle(place), idleSeconds * 1_000).unref();
  }

  /** What is invoked meanwhile waits, or goes to another worker. */
  async function endIdle(place: Place): Promise<void> {
    place.busy = true;
    await place.slot.restart();
    place.busy = false;
    dispatch();
  }

  async function attempt(place: Place, job: Job): Promise<InvocationResult> {
    if (Date.now() > job.startBefore) return failed(job.requestId, throttled());
    try {
      return await runOn(await place.slot.ready(), place, job);
    } catch (error) {
      const cause = error instanceof WorkerStartError ? error.functionError : functionErrorOf(error);
      return failed(job.requestId, cause);
    }
  }

  async function runOn(thread: WorkerThread, place: Place, job: Job): Promise<InvocationResult> {
    const { requestId, event } = job;
    const { promise, resolve } = Promise.withResolvers<HandlerResult | FunctionError>();
    const id = ++lastId;
    place.running = { id, requestId, settle: resolve };
    let ending: Promise<void> | undefined;
    const timer = setTimeout(() => {
      resolve(timedOut(requestId, timeoutSeconds));
      ending = place.slot.restart();
    }, timeoutSeconds * 1000);
    thread.post({ kind: 'invoke', id, requestId, event, deadline: Date.now() + timeoutSeconds * 1000 });
    const outcome = await promise;
    clearTimeout(timer);
    place.running = undefined;
    await ending;
    return resultOf(requestId, outcome);
  }

  async function close(graceMs: number): Promise<void> {
    closed = true;
    for (const { idleTimer } of places) clearTimeout(idleTimer);
    for (const job of queue.splice(0)) job.settle(failed(job.requestId, hostStopping()));
    const deadline = Date.now() + graceMs;
    while (places.some(({ busy }) => busy) && Date.now() < deadline) await delay(10);
    await Promise.all(places.map(({ slot }) => slot.close()));
  }

  return {
    invoke,
    warm: () => {
      for (const { slot } of places) slot.warm();
    },
    hold: (isHeld) => {
      held = isHeld;
      dispatch();
    },
    crash: async () => {
      await Promise.all(places.map(({ slot }) => slot.crash()));
    },
    close,
  };
}

function receive({ running }: Place, message: FromWorker): void {
  if (message.kind === 'result' && message.id === running?.id) running.settle(message);
  if (message.kind === 'failure' && message.id === running?.id) running.settle(message.error);
}

function resultOf(requestId: string, outcome: HandlerResult | FunctionError): InvocationResult {
  if ('errorType' in outcome) return failed(requestId, outcome);
  if (isLarger(outcome, MAX_RESPONSE_BYTES)) return failed(requestId, responseTooLarge());
  return answered(requestId, outcome);
}
