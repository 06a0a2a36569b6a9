import { setTimeout as delay } from 'node:timers/promises';
import type { EventSourceMessage } from 'eventsource-parser';
import { type Connection, connect } from './connection.ts';
import type { Step } from './plan.ts';

/** Takes what a viewer sees, as it comes. */
export interface Witness {
  /** A sale: the id that its message carried, and its data. */
  sale(id: number, data: string): void;
  /** A `reset`: what was seen until now is to be forgotten. */
  startOver(): void;
}

/** What happened to the connections of viewers. */
export interface ViewerCounts {
  connections: number;
  /** Broken off by the viewer, in the middle of whatever was being sent. */
  broken: number;
  stalls: number;
  /** Ended by the server in good order. */
  ended: number;
  /** Broken off by the server, as it does with who does not read. */
  lost: number;
  /** Answered by something else than a stream. */
  refused: number;
}

export function noCounts(): ViewerCounts {
  return { connections: 0, broken: 0, stalls: 0, ended: 0, lost: 0, refused: 0 };
}

/** A client of the live stream that breaks off, stops reading and comes back as its plan says. */
export interface RestlessViewer {
  isConnected(): boolean;
  /** From now on it only reads, and comes back if it loses its connection. */
  settle(): void;
  /** Leaves for good. */
  stop(): Promise<void>;
}

export interface RestlessViewerOptions {
  /** Address of the host. */
  readonly url: string;
  readonly plan: Iterator<Step, never>;
  readonly witness: Witness;
  /** Counted up; several viewers may share them. */
  readonly counts: ViewerCounts;
}

/** How long it stays away after a connection that it did not break off itself. */
const RETRY_MS = 200;

/** Begins to watch: the run from its start, then on from the last id that was seen, as a browser does. */
export function watchReconnecting({ url, plan, witness, counts }: RestlessViewerOptions): RestlessViewer {
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

  /** Resolves, when the connection is over, to the pause before the next one. */
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
