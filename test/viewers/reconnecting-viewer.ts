import { setTimeout as delay } from 'node:timers/promises';
import type { EventSourceMessage } from 'eventsource-parser';
import { type Connection, connect } from './connection.ts';
import type { Step } from './plan.ts';

/** Receives what a viewer sees, as it arrives. */
export interface Witness {
  /** A sale: the id of its message and its data. */
  sale(id: number, data: string): void;
  /** A `reset`: everything seen so far is void. */
  startOver(): void;
}

/** What happened to viewers' connections. */
export interface ViewerCounts {
  connections: number;
  /** Broken by the viewer while data was in transit. */
  broken: number;
  stalls: number;
  /** Ended by the server in order. */
  ended: number;
  /** Broken by the server, as for viewers that don't read. */
  lost: number;
  /** Answered with something other than a stream. */
  refused: number;
}

export function noCounts(): ViewerCounts {
  return { connections: 0, broken: 0, stalls: 0, ended: 0, lost: 0, refused: 0 };
}

/** A client of the live stream that disconnects, stalls and reconnects according to its plan. */
export interface ReconnectingViewer {
  isConnected(): boolean;
  /** From now on it only reads, and reconnects if it loses its connection. */
  settle(): void;
  /** Disconnects for good. */
  stop(): Promise<void>;
}

export interface ReconnectingViewerOptions {
  /** Address of the host. */
  readonly url: string;
  readonly plan: Iterator<Step, never>;
  readonly witness: Witness;
  /** Counters; several viewers may share them. */
  readonly counts: ViewerCounts;
}

/** How long it waits after a connection that it didn't break itself. */
const RETRY_MS = 200;

/** Starts watching the run from its start and resumes after the last id seen, as a browser does. */
export function watchReconnecting({
  url,
  plan,
  witness,
  counts,
}: ReconnectingViewerOptions): ReconnectingViewer {
  const stopping = new AbortController();
  const settling = new AbortController();
  const resting = AbortSignal.any([stopping.signal, settling.signal]);
  let lastId: string | undefined;
  let connection: Connection | undefined;

  function onEvent({ event, id, data }: EventSourceMessage): void {
    if (event === 'reset') witness.startOver();
    if (id === undefined) return;
    lastId = id;
    witness.sale(Number(id), data);
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      connection = connect(url, lastId, onEvent);
      counts.connections += 1;
      await pause(await follow(connection), stopping.signal);
    }
  }

  /** Resolves when the connection is over, to the pause before the next one. */
  async function follow(current: Connection): Promise<number> {
    while (!resting.aborted && !current.isOver()) {
      const step = plan.next().value;
      await Promise.race([current.over, current.sales(step.sales), pause(step.withinMs, resting)]);
      if (resting.aborted || current.isOver()) break;
      if (step.then !== 'stall') {
        current.breakOff(step.then);
        counts.broken += 1;
        return step.pauseMs;
      }
      counts.stalls += 1;
      current.stall();
      await Promise.race([current.over, pause(step.pauseMs, resting)]);
      current.readOn();
    }
    if (stopping.signal.aborted) current.breakOff('close');
    const end = await current.over;
    if (!stopping.signal.aborted) counts[end] += 1;
    return RETRY_MS;
  }

  const watching = watch();
  return {
    isConnected: () => connection?.isOpen() ?? false,
    settle: () => settling.abort(),
    async stop() {
      stopping.abort();
      connection?.breakOff('close');
      await watching;
    },
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
