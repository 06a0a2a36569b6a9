/** Calls a function whenever a host in this process tells on a `BroadcastChannel` that the table was written. */
export function onTableWrites(channelName: string, call: () => void): void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = call;
}
