import { setTimeout as wait } from 'node:timers/promises';
import { openViewer, type Viewer } from '../support/viewer.ts';

/** A client of the live stream that reconnects and resumes, as a browser does, until it is closed. */
export interface ResumingViewer {
  /** What it has received since the last reset. */
  seen(): Pick<Viewer, 'sales' | 'statuses'>;
  /** Breaks its stream; it reconnects by itself. */
  breakOff(): void;
  close(): Promise<void>;
}

const PAUSE_MS = 150;

export function openResumingViewer(url: string): ResumingViewer {
  let current: Viewer | undefined;
  let closed = false;
  const following = follow();

  async function follow(): Promise<void> {
    while (!closed) {
      current = await openViewer(url, current ? { resume: current } : {}).catch(() => current);
      if (closed) current?.close();
      // Rejects when either side ends the stream.
      await current?.until(() => false).catch(() => undefined);
      await wait(PAUSE_MS);
    }
  }

  return {
    seen: () => ({ sales: current?.sales ?? [], statuses: current?.statuses ?? [] }),
    breakOff: () => current?.close(),
    async close() {
      closed = true;
      current?.close();
      await following;
    },
  };
}
