import type { ShareStream } from './live-connection.ts';
import { type Note, shareAmongTabs } from './shared-stream.ts';

/** After this long a hidden tab without a leader closes its stream. */
const LET_GO_AFTER_MS = 5_000;

/**
 * How the tabs of this browser share a stream. Where the page may not use Web Locks, because it was opened over HTTP under a
 * name other than localhost, a hidden tab closes its stream and resumes it when it is shown.
 *
 * @param address Of the stream: other streams of the same origin have tabs of their own.
 * @param isNeeded Whether a hidden tab needs its stream nevertheless.
 */
export function sharingOfBrowser(address: string, isNeeded: () => boolean): ShareStream {
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return whileShown(isNeeded);
  // Tabs of another build might not understand each other; its file has another name.
  const name = `${address} ${import.meta.url}`;
  const channel = new BroadcastChannel(name);
  const { locks } = navigator;
  return shareAmongTabs(
    {
      lead: (begin) => {
        // A promise that never settles holds the lock until the tab is closed.
        void locks.request(name, () => new Promise<never>(begin));
      },
      post: (note) => channel.postMessage(note),
      listen: (receive) => {
        channel.onmessage = ({ data }: MessageEvent<Note>) => receive(data);
      },
      isHidden: () => document.hidden,
      onShown,
    },
    crypto.randomUUID(),
  );
}

function whileShown(isNeeded: () => boolean): ShareStream {
  return (target, createStream) => {
    const stream = createStream(target);
    setInterval(() => {
      if (document.hidden && !isNeeded()) stream.close();
    }, LET_GO_AFTER_MS);
    onShown(() => stream.open());
    stream.open();
    return stream;
  };
}

function onShown(call: () => void): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) call();
  });
  // A page that comes back from the browser's cache has received nothing meanwhile.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) call();
  });
}
