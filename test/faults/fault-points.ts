import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Point, points, type Verdict } from './entries/reach.ts';

/** A function that waits, or will wait, at a fault point. */
export interface Held {
  /** Resolves when a function reaches the point. */
  readonly reached: Promise<void>;
  readonly isReached: () => boolean;
  release(verdict?: Verdict): void;
}

/** Answers functions that ask at a fault point how to proceed: `go` at once, unless a case has asked for something else. */
export interface FaultPoints {
  readonly url: string;
  /** Holds the next function that reaches the point until it is released. */
  hold(point: Point): Held;
  /** Answers the next function at the point with a verdict. Resolves when that has happened. */
  answerNext(point: Point, verdict: Verdict): Promise<void>;
  /** Cancels all requests and releases every waiting function. */
  clear(): void;
  close(): Promise<void>;
}

export async function openFaultPoints(): Promise<FaultPoints> {
  const orders = new Map<string, ((response: ServerResponse) => void)[]>(points.map((point) => [point, []]));
  const waiting = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const order = orders.get(request.url?.slice(1) ?? '')?.shift();
    if (order) order(response);
    else response.end('go');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function hold(point: Point): Held {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    let held: ServerResponse | undefined;
    orders.get(point)?.push((response) => {
      held = response;
      waiting.add(response);
      resolve();
    });
    return {
      reached,
      isReached: () => held !== undefined,
      release: (verdict = 'go') => {
        if (held) waiting.delete(held);
        held?.end(verdict);
      },
    };
  }

  function clear(): void {
    for (const list of orders.values()) list.length = 0;
    for (const response of waiting) response.end('go');
    waiting.clear();
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold,
    async answerNext(point, verdict) {
      const held = hold(point);
      await held.reached;
      held.release(verdict);
    },
    clear,
    async close() {
      clear();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
