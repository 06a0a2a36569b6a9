import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Point, points, type Verdict } from './entries/reach.ts';

/** A function that waits, or is to wait, at a point. */
export interface Held {
  /** Resolves when a function has come there. */
  readonly reached: Promise<void>;
  readonly isReached: () => boolean;
  release(verdict?: Verdict): void;
}

/** Answers the functions that ask at their points how to go on: at once, unless a case has said otherwise. */
export interface Points {
  readonly url: string;
  /** Whoever comes to the point next waits there until it is released. */
  hold(point: Point): Held;
  /** Whoever comes to the point next is told this. Resolves when that has happened. */
  tellNext(point: Point, verdict: Verdict): Promise<void>;
  /** Forgets what was asked for and lets everybody go on. */
  clear(): void;
  close(): Promise<void>;
}

export async function openPoints(): Promise<Points> {
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
    async tellNext(point, verdict) {
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
