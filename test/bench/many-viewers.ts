/** Many viewers in one cheap process: they parse only ids, and only after the measured time is over. */
import { Agent, get, type IncomingMessage } from 'node:http';

export interface Crowd {
  /** Discards everything received so far. */
  forget(): void;
  /**
   * Waits until every viewer has received this many events since {@link Crowd.forget}.
   *
   * @returns the arrival times of the first and the last event, by `performance.now()`.
   * @throws if a stream ends early.
   */
  until(events: number): Promise<{ first: number; last: number }>;
  /** The ids each viewer received, in order. */
  ids(): number[][];
  close(): void;
}

interface Viewer {
  readonly response: IncomingMessage;
  chunks: string[];
  events: number;
  /** The incomplete end of the last chunk. */
  carry: string;
}

/** The prefix of an id line. Other servers write no space after the colon, or end lines by CR LF. */
const ID_LINE = '\nid:';
const STATUS = /event: ?status/;

/** Opens the streams and waits for each one's first status. */
export async function openCrowd(url: string, size: number): Promise<Crowd> {
  const agent = new Agent({ maxSockets: size });
  const failure = Promise.withResolvers<never>();
  // A waiter gets the rejection; between the rounds there is none.
  failure.promise.catch(() => undefined);
  let onEvents = () => {};
  let first = 0;

  function take(viewer: Viewer, text: string): void {
    viewer.chunks.push(text);
    const joined = viewer.carry + text;
    viewer.carry = joined.slice(1 - ID_LINE.length);
    const events = joined.split(ID_LINE).length - 1;
    if (events === 0) return;
    if (first === 0) first = performance.now();
    viewer.events += events;
    onEvents();
  }

  function open(): Promise<Viewer> {
    const { promise, resolve, reject } = Promise.withResolvers<Viewer>();
    get(`${url}/stream/events`, { agent }, (response) => {
      const viewer: Viewer = { response, chunks: [], events: 0, carry: '\n' };
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        take(viewer, text);
        if (STATUS.test(text)) resolve(viewer);
      });
      response.on('end', () => failure.reject(new Error('A stream has ended.')));
    }).on('error', reject);
    return promise;
  }

  const viewers = await Promise.all(Array.from({ length: size }, open));

  return {
    forget() {
      first = 0;
      for (const viewer of viewers) {
        viewer.chunks = [];
        viewer.events = 0;
      }
    },
    async until(events) {
      const done = Promise.withResolvers<void>();
      onEvents = () => {
        if (viewers.every((viewer) => viewer.events >= events)) done.resolve();
      };
      onEvents();
      await Promise.race([done.promise, failure.promise]);
      return { first, last: performance.now() };
    },
    ids: () => viewers.map(({ chunks }) => idsIn(chunks.join(''))),
    close: () => agent.destroy(),
  };
}

function idsIn(text: string): number[] {
  return [...text.matchAll(/^id: ?(\d+)\r?$/gm)].map(([, id]) => Number(id));
}
