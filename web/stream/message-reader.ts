import { createParser } from 'eventsource-parser';
import type { Opening, SaleMessage, StatusMessage } from '../../shared/api/live.ts';
import type { Message } from '../state/reduce.ts';

/** A message, and the position of the stream after it. */
export interface Received {
  readonly message: Message;
  /** Id of the last sale so far; null after a reset, undefined if the message doesn't move it. */
  readonly lastId: string | null | undefined;
}

/**
 * Parses the stream's text into messages, chunk by chunk. Messages of a known name have their declared form, because `live`
 * of the same deployment sends them.
 */
export interface MessageReader {
  /**
   * The messages that a chunk completes, in order; consecutive sales become one message.
   *
   * @throws SyntaxError if one of them isn't JSON. Then no message of the chunk counts as read.
   */
  read(text: string, at: number): Received[];
  /** A new connection begins: drops an incomplete message. */
  restart(): void;
}

/**
 * Creates a reader for one connection after the other.
 *
 * @example
 * const reader = createMessageReader();
 * reader.read('event: reset\ndata: {}\n\n', Date.now()); // [{ message: { type: 'reset' }, lastId: null }]
 */
export function createMessageReader(): MessageReader {
  let received: Received[] = [];
  let sales: SaleMessage[] = [];
  let lastSaleId: string | undefined;
  let now = 0;

  const parser = createParser({
    onEvent: ({ event, id, data }) => {
      if (event === undefined) {
        const sale: SaleMessage = JSON.parse(data);
        sales.push(sale);
        lastSaleId = id;
        return;
      }
      flush();
      if (event === 'status') {
        const status: StatusMessage = JSON.parse(data);
        add({ type: 'status', status }, undefined);
      }
      if (event === 'opening') {
        const opening: Opening = JSON.parse(data);
        add({ type: 'opening', opening }, undefined);
      }
      if (event === 'reset') add({ type: 'reset' }, null);
    },
  });

  function add(message: Message, lastId: Received['lastId']): void {
    received.push({ message, lastId });
  }

  function flush(): void {
    if (sales.length > 0) add({ type: 'sales', sales, at: now }, lastSaleId);
    sales = [];
  }

  return {
    read: (text, at) => {
      now = at;
      received = [];
      sales = [];
      parser.feed(text);
      flush();
      return received;
    },
    restart: () => parser.reset(),
  };
}
