import { createParser } from 'eventsource-parser';
import type { SaleMessage, StatusMessage } from '../messages.ts';
import type { Message } from './reduce.ts';

/** Makes messages of the stream's text, chunk by chunk. */
export interface MessageReader {
  /**
   * The messages that a chunk completes, in order; sales that follow each other are one.
   *
   * @throws SyntaxError if one of them is no JSON. None of the chunk then counts as read.
   */
  read(text: string, at: number): Message[];
  /** Id of the last sale; null before the first since the last reset. */
  lastId(): string | null;
  /** A new connection begins: what was left incomplete is dropped, the last id stays. */
  restart(): void;
}

export function createMessageReader(): MessageReader {
  let lastId: string | null = null;
  /** The same, of the chunk that is being read. */
  let idSoFar: string | null = null;
  let messages: Message[] = [];
  let sales: SaleMessage[] = [];
  let now = 0;

  const parser = createParser({
    onEvent: ({ event, id, data }) => {
      if (event === undefined) {
        sales.push(JSON.parse(data) as SaleMessage);
        idSoFar = id ?? idSoFar;
        return;
      }
      flush();
      if (event === 'status') messages.push({ type: 'status', status: JSON.parse(data) as StatusMessage });
      if (event === 'reset') {
        idSoFar = null;
        messages.push({ type: 'reset' });
      }
    },
  });

  function flush(): void {
    if (sales.length > 0) messages.push({ type: 'sales', sales, at: now });
    sales = [];
  }

  return {
    read: (text, at) => {
      now = at;
      messages = [];
      sales = [];
      idSoFar = lastId;
      parser.feed(text);
      flush();
      lastId = idSoFar;
      return messages;
    },
    lastId: () => lastId,
    restart: () => parser.reset(),
  };
}
