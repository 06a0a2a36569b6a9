import type { Opening } from '../../shared/api/live.ts';
import type { StoredSale } from '../../shared/api/sales.ts';
import type { SimulationStatus } from '../../shared/api/simulation.ts';

/**
 * Framing of Server-Sent Events (WHATWG HTML, section 9.2.5 "Parsing an event stream"): fields as `name: value` lines,
 * a message ended by an empty line, a line that begins with a colon is a comment.
 */

/** One message of the stream. */
export interface SseMessage {
  /** Name of the event; without it the browser calls it `message`. */
  readonly event?: string;
  /** Sent by the browser as `Last-Event-ID` when it reconnects; a message without an id leaves the last one in place. */
  readonly id?: number;
  /** May have several lines; the client receives them joined by `\n`, whatever their line endings. */
  readonly data: string;
}

const LINE_END = /\r\n|\r|\n/;

/** @throws RangeError for an event name that would end its line, and so could forge fields. */
export function sseMessage({ event, id, data }: SseMessage): string {
  if (event !== undefined && LINE_END.test(event)) throw new RangeError('An event name has one line.');
  const lines = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...data.split(LINE_END).map((line) => `data: ${line}`),
  ];
  return `${lines.join('\n')}\n\n`;
}

/**
 * Sets how many milliseconds the browser waits before it reconnects. A line of the next message: in a block of its own some
 * clients, such as Python's httpx-sse, report it as an empty message.
 */
export function sseRetry(ms: number): string {
  return `retry: ${ms}\n`;
}

/** A comment, which every client ignores. It ends no block, because some clients report a block without data as a message. */
export function sseComment(text: string): string {
  return `${text
    .split(LINE_END)
    .map((line) => `: ${line}`)
    .join('\n')}\n`;
}

/** A sale is an unnamed message, and the only one with an id: the position from which a viewer resumes. */
export function saleFrame(sale: StoredSale): string {
  return sseMessage({ id: sale.id, data: JSON.stringify(sale) });
}

/** The status of the run as an event named `status`. */
export function statusFrame(status: SimulationStatus): Buffer {
  return Buffer.from(sseMessage({ event: 'status', data: JSON.stringify(status) }));
}

/**
 * Precedes the sales of a stream that begins with a day. Of the sales up to this id, the stream has only those of that day and
 * later days. Viewers that join together share one buffer.
 */
export function openingFrames(): (dayIndex: number, upTo: number) => Buffer {
  let last = { data: '', frame: Buffer.alloc(0) };
  return (dayIndex, upTo) => {
    const opening: Opening = { day_index: dayIndex, before_id: upTo + 1 };
    const data = JSON.stringify(opening);
    if (data !== last.data) last = { data, frame: Buffer.from(sseMessage({ event: 'opening', data })) };
    return last.frame;
  };
}

/** Makes a viewer discard what it has received: a new run has started, or its position is not one of this run. */
export const RESET_FRAME = Buffer.from(sseMessage({ event: 'reset', data: '{}' }));

export const HEARTBEAT_FRAME = Buffer.from(sseComment('still here'));

/** Asks the browser to wait before it reconnects. @param ms Milliseconds. */
export function retryFrame(ms: number): Buffer {
  return Buffer.from(sseRetry(ms));
}
