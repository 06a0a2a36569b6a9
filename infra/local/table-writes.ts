import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';

/** Notifies the streaming function, in whatever thread it runs, that the table was probably just written to. */
export interface TableWrites {
  /** Name of the `BroadcastChannel`, unique within this process. */
  readonly channelName: string;
  announce(): void;
  /** Stops the notifications. */
  close(): void;
}

export function openTableWrites(): TableWrites {
  const channelName = `table-writes-${randomUUID()}`;
  const channel = new BroadcastChannel(channelName);
  // A host that failed to start must not keep its process alive.
  channel.unref();
  let isClosed = false;
  return {
    channelName,
    announce: () => {
      if (!isClosed) channel.postMessage(null);
    },
    close: () => {
      isClosed = true;
      channel.close();
    },
  };
}
