import { createParser } from 'eventsource-parser';
import type { Opening } from '../../shared/api/live.ts';
import type { StoredSale } from '../../shared/api/sales.ts';
import type { SimulationStatus } from '../../shared/api/simulation.ts';

/** A client of the live stream that records what it saw, in order. */
export interface Viewer {
  /** Sales since the last reset, in order of arrival. */
  readonly sales: StoredSale[];
  readonly statuses: SimulationStatus[];
  /** What the last `opening` said; null before the first. */
  opening: Opening | null;
  /** The number of `reset` events. */
  resets: number;
  /** The last id seen, as a browser would send it; null before the first. */
  lastEventId: string | null;
  readonly httpStatus: number;
  /** Resolves as soon as the condition holds; rejects if the stream ends first. */
  until(condition: (viewer: Viewer) => boolean): Promise<void>;
  /** Breaks the connection. */
  close(): void;
}

export interface ViewOptions {
  /** Sent as the `Last-Event-ID` header. */
  readonly lastEventId?: string | null;
  /** Sent as `?since=`. */
  readonly since?: string;
  /** Continues after what another viewer saw, keeping its sales. */
  readonly resume?: Viewer;
}

/** Opens the stream of a system. */
export async function openViewer(url: string, options: ViewOptions = {}): Promise<Viewer> {
  const abort = new AbortController();
  const lastEventId = options.lastEventId ?? options.resume?.lastEventId;
  const sales = [...(options.resume?.sales ?? [])];
  const query = options.since === undefined ? '' : `?since=${encodeURIComponent(options.since)}`;
  const response = await fetch(`${url}/stream/events${query}`, {
    signal: abort.signal,
    headers: { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) },
  });

  const changed = new EventTarget();
  let ended = false;
  const viewer: Viewer = {
    sales,
    statuses: [],
    opening: options.resume?.opening ?? null,
    resets: 0,
    lastEventId: lastEventId ?? null,
    httpStatus: response.status,
    until: (condition) => until(viewer, condition, changed, () => ended),
    close: () => abort.abort(),
  };
  void follow(response, viewer, changed).finally(() => {
    ended = true;
    changed.dispatchEvent(new Event('change'));
  });
  return viewer;
}

async function follow(response: Response, viewer: Viewer, changed: EventTarget): Promise<void> {
  const parser = createParser({
    onEvent({ event, id, data }) {
      if (event === 'status') viewer.statuses.push(JSON.parse(data));
      else if (event === 'opening') viewer.opening = JSON.parse(data);
      else if (event === 'reset') startOver(viewer);
      else viewer.sales.push(JSON.parse(data));
      if (id !== undefined) viewer.lastEventId = id;
    },
  });
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      changed.dispatchEvent(new Event('change'));
    }
  } catch {
    // Broken by either side; what was seen so far counts.
  }
}

function startOver(viewer: Viewer): void {
  viewer.resets += 1;
  viewer.sales.length = 0;
  viewer.opening = null;
}

function until(
  viewer: Viewer,
  condition: (viewer: Viewer) => boolean,
  changed: EventTarget,
  hasEnded: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (condition(viewer)) resolve();
      else if (hasEnded()) reject(new Error(`The stream ended after ${viewer.sales.length} sales.`));
      else changed.addEventListener('change', check, { once: true });
    };
    check();
  });
}
