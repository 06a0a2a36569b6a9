/** Sends requests over kept-alive connections, each as soon as the previous one is answered. */
import { Agent, request } from 'node:http';

/** A request of a load. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

export interface LoadGenerator {
  /**
   * Sends all of them, in order as far as several connections allow.
   *
   * @returns milliseconds until each answer was completely read.
   * @throws if an answer isn't 200.
   */
  send(requests: readonly LoadRequest[]): Promise<number[]>;
  close(): void;
}

export function openLoadGenerator(url: string, connections: number): LoadGenerator {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);

  function sendOne({ method, path }: LoadRequest): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const begun = performance.now();
    const sent = request({ agent, hostname, port, method, path }, (response) => {
      const { statusCode } = response;
      response.on('end', () => {
        if (statusCode === 200) resolve(performance.now() - begun);
        else reject(new Error(`${method} ${path} was answered by ${statusCode}.`));
      });
      response.on('error', reject).resume();
    });
    sent.on('error', reject).end();
    return promise;
  }

  return {
    async send(requests) {
      const waiting = [...requests];
      const milliseconds: number[] = [];
      const connection = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) milliseconds.push(await sendOne(next));
      };
      await Promise.all(Array.from({ length: connections }, connection));
      return milliseconds;
    },
    close: () => agent.destroy(),
  };
}
