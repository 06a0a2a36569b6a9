import type { Readable } from 'node:stream';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import * as z from 'zod';

const saleSchema = z.looseObject({ id: z.int(), day_index: z.int() });
const openingSchema = z.looseObject({ day_index: z.int(), before_id: z.int() });
const statusSchema = z.looseObject({
  run_id: z.string().nullable(),
  day_index: z.int(),
  day_received: z.int(),
  day_total: z.int(),
});

export type ShownStatus = z.infer<typeof statusSchema>;

export type Opening = z.infer<typeof openingSchema>;

/** What a client has received, as a browser would keep it: across reconnects, cleared by `reset`. */
export interface SseClient {
  /** Ids of the sales since the last reset, in order of arrival. */
  readonly ids: () => number[];
  readonly salesOfDay: (dayIndex: number) => number;
  readonly lastStatus: () => ShownStatus | null;
  /** What the last `opening` since the last reset said. */
  readonly opening: () => Opening | null;
  /** Names of everything received since the last connection: `sale`, `status`, `opening`, `reset`, `comment`, `retry`. */
  readonly trace: () => string[];
  /** The id it would resume after. */
  readonly lastId: () => string | undefined;
  readonly isConnected: () => boolean;
  connect(body: Readable): void;
  /** Reads at most this many available chunks. False if there are none. */
  read(chunks?: number): boolean;
  breakOff(): void;
}

/** @param onStatus Called with each status before it becomes the last one. */
export function sseClient(onStatus: (status: ShownStatus, client: SseClient) => void = () => {}): SseClient {
  let sales: { id: number; day_index: number }[] = [];
  let lastStatus: ShownStatus | null = null;
  let opening: Opening | null = null;
  let lastId: string | undefined;
  let trace: string[] = [];
  let body: Readable | null = null;
  let feed: (text: string) => void = () => {};

  function onEvent({ event, id, data }: EventSourceMessage): void {
    trace.push(event ?? 'sale');
    if (event === 'reset') {
      sales = [];
      opening = null;
    } else if (event === 'opening') opening = openingSchema.parse(JSON.parse(data));
    else if (event === 'status') {
      const status = statusSchema.parse(JSON.parse(data));
      onStatus(status, client);
      lastStatus = status;
    } else {
      const sale = saleSchema.parse(JSON.parse(data));
      if (String(sale.id) !== id) throw new Error(`The message of sale ${sale.id} carries the id ${id}.`);
      sales.push(sale);
      lastId = id;
    }
  }

  const client: SseClient = {
    ids: () => sales.map(({ id }) => id),
    salesOfDay: (dayIndex) => sales.filter((sale) => sale.day_index === dayIndex).length,
    lastStatus: () => lastStatus,
    opening: () => opening,
    trace: () => trace,
    lastId: () => lastId,
    isConnected: () => body !== null && !body.destroyed,
    connect: (readable) => {
      trace = [];
      body = readable;
      const parser = createParser({
        onEvent,
        onComment: () => trace.push('comment'),
        onRetry: () => trace.push('retry'),
      });
      feed = (text) => parser.feed(text);
    },
    read: (chunks = 1) => {
      for (let taken = 0; taken < chunks; taken += 1) {
        const chunk: unknown = body?.read();
        if (!Buffer.isBuffer(chunk)) return taken > 0;
        feed(chunk.toString());
      }
      return true;
    },
    breakOff: () => {
      body?.destroy();
      body = null;
    },
  };
  return client;
}
