import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';

/** Tells the streaming function that the table was probably just written to, whatever thread it runs in. */
export interface TableWrites {
  /** Of the `BroadcastChannel`: no other host of this process has it. */
  readonly channelName: string;
  announce(): void;
  /** Tells nothing from now on. */
  close(): void;
}

export function openTableWrites(): TableWrites {
  const channelName = `table-writes-${randomUUID()}`;
  const channel = new BroadcastChannel(channelName);
  // A host that could not start must not keep its process.
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
