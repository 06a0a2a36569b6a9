import { type IncomingMessage, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** How a connection ended: `ended` in order by the server, `lost`, or `refused` with an answer that isn't a stream. */
export type ConnectionEnd = 'ended' | 'lost' | 'refused';

/** One connection to the live stream. Data is read as it arrives, unless the connection is stalled. */
export interface Connection {
  readonly over: Promise<ConnectionEnd>;
  /** Whether the stream has started and not ended. */
  isOpen(): boolean;
  isOver(): boolean;
  /** Resolves after this many more sales. */
  sales(count: number): Promise<void>;
  /** Stops reading from the socket. */
  stall(): void;
  readOn(): void;
  /** Closes the connection with a FIN or a RST. */
  breakOff(how: 'close' | 'reset'): void;
}

/**
 * Connects to a host's stream.
 *
 * @param lastId The last id seen; without one the run is requested from its start.
 * @param onEvent Called with each complete event.
 */
export function connect(
  url: string,
  lastId: string | undefined,
  onEvent: (event: EventSourceMessage) => void,
): Connection {
  const end = Promise.withResolvers<ConnectionEnd>();
  let isOpen = false;
  let isOver = false;
  let seen = 0;
  let wanted = { count: Number.POSITIVE_INFINITY, reached: () => {} };
  let body: IncomingMessage | undefined;

  const parser = createParser({
    onEvent: (event) => {
      if (event.id !== undefined) seen += 1;
      onEvent(event);
    },
  });
  const outgoing = request(`${url}/stream/events${lastId === undefined ? '?since=0' : ''}`, {
    agent: false,
    headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
  });
  outgoing.on('error', () => finish('lost'));
  outgoing.on('response', (response) => {
    if (response.statusCode !== 200) {
      response.resume();
      return finish('refused');
    }
    isOpen = true;
    body = response;
    const decoder = new TextDecoder();
    response.on('data', (chunk: Buffer) => {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (seen >= wanted.count) wanted.reached();
    });
    response.on('end', () => finish('ended'));
    response.on('error', () => finish('lost'));
    response.on('close', () => finish('lost'));
  });
  outgoing.end();

  /** The first reason wins. */
  function finish(how: ConnectionEnd): void {
    isOpen = false;
    isOver = true;
    end.resolve(how);
  }

  return {
    over: end.promise,
    isOpen: () => isOpen,
    isOver: () => isOver,
    sales: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      wanted = { count: seen + count, reached: resolve };
      return promise;
    },
    stall: () => void body?.pause(),
    readOn: () => void body?.resume(),
    breakOff: (how) => {
      if (how === 'reset') outgoing.socket?.resetAndDestroy();
      outgoing.destroy();
      finish('lost');
    },
  };
}
