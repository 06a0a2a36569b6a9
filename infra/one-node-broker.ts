/** The settings that both brokers of one node have: the one of this machine, and the one of the `hobby` stage. */

export type BrokerSettings = Readonly<Record<string, string | number | boolean>>;

/** One node, broker and controller at once, with one copy of everything and a small heap. */
export const ONE_NODE: BrokerSettings = {
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.listener.names': 'CONTROLLER',
  'log.segment.bytes': 67_108_864,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.num.partitions': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.num.partitions': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  'auto.create.topics.enable': false,
  // The default of 128 MB doesn't fit the heap: the broker would die after logging that it had started.
  'log.cleaner.dedupe.buffer.size': 4_194_304,
};

/** The text of a Java properties file, in which a backslash begins an escape. */
export function propertiesText(settings: BrokerSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}
