import type { StoredSale } from '../../shared/api/sale.ts';
import type { SimulationStatus } from '../../shared/api/simulation.ts';

/**
 * Framing of Server-Sent Events (WHATWG HTML, section 9.2.5 "Parsing an event stream"): fields as `name: value` lines,
 * a message ended by an empty line, a line that begins with a colon is a comment.
 */

/** One message of the stream. */
export interface SseMessage {
  /** Name of the event; without it the browser calls it `message`. */
  readonly event?: string;
  /** What the browser sends as `Last-Event-ID` when it reconnects; messages without it leave that as it is. */
  readonly id?: number;
  /** May have several lines; they arrive joined by `\n`, whatever ended them. */
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

/** Tells the browser how many milliseconds to wait before it reconnects. */
export function sseRetry(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** A line that every client ignores. */
export function sseComment(text: string): string {
  return `${text
    .split(LINE_END)
    .map((line) => `: ${line}`)
    .join('\n')}\n\n`;
}

/** The messages of this stream. A sale's comes unnamed, and alone carries an id: it is where a viewer resumes. */
export function saleFrame(sale: StoredSale): string {
  return sseMessage({ id: sale.id, data: JSON.stringify(sale) });
}

export function statusFrame(status: SimulationStatus): Buffer {
  return Buffer.from(sseMessage({ event: 'status', data: JSON.stringify(status) }));
}

/** A new run begins, or this viewer begins the current one anew: what it has seen so far no longer counts. */
export const RESET_FRAME = Buffer.from(sseMessage({ event: 'reset', data: '{}' }));

export const HEARTBEAT_FRAME = Buffer.from(sseComment('still here'));

export function retryFrame(ms: number): Buffer {
  return Buffer.from(sseRetry(ms));
}
