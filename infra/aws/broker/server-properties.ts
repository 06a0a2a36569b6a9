/** The settings of the `hobby` stage's Kafka: one node, broker and controller at once. */

export interface BrokerAddresses {
  /** The name that clients in the VPC know the broker by. */
  readonly host: string;
  /** Where the listeners for clients listen. */
  readonly bind: string;
  readonly ports: BrokerPorts;
}

export interface BrokerPorts {
  /** Functions: SCRAM without TLS. The password never crosses the network, and the network is private. */
  readonly functions: number;
  /** Lambda's pollers: SCRAM with TLS, which they insist on. */
  readonly pollers: number;
  /** The broker itself and the tools on its machine; on the loopback interface. */
  readonly local: number;
  readonly controller: number;
}

export const BROKER_PORTS: BrokerPorts = { functions: 9095, pollers: 9096, local: 9092, controller: 9093 };

export interface BrokerFiles {
  /** Messages and metadata. */
  readonly data: string;
  /** Certificate and private key, PEM. */
  readonly keyStore: string;
}

/** Bounds the topic to less than half of the smallest volume, over six partitions and their active segments. */
const RETENTION_BYTES = 134_217_728;
const SEGMENT_BYTES = 67_108_864;

/** Java properties of the one node. */
export function serverProperties({ host, bind, ports }: BrokerAddresses, files: BrokerFiles): string {
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: [
      `LOCAL://127.0.0.1:${ports.local}`,
      `FUNCTIONS://${bind}:${ports.functions}`,
      `POLLERS://${bind}:${ports.pollers}`,
      `CONTROLLER://127.0.0.1:${ports.controller}`,
    ].join(','),
    'advertised.listeners': [
      `LOCAL://127.0.0.1:${ports.local}`,
      `FUNCTIONS://${host}:${ports.functions}`,
      `POLLERS://${host}:${ports.pollers}`,
    ].join(','),
    'listener.security.protocol.map':
      'LOCAL:PLAINTEXT,FUNCTIONS:SASL_PLAINTEXT,POLLERS:SASL_SSL,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'LOCAL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.functions.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.pollers.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.pollers.ssl.keystore.type': 'PEM',
    'listener.name.pollers.ssl.keystore.location': files.keyStore,
    'log.dirs': files.data,
    'log.segment.bytes': SEGMENT_BYTES,
    'log.retention.bytes': RETENTION_BYTES,
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
    // The machine may be stopped at any time, and a topic has one copy: what is acknowledged must be on the disk.
    'log.flush.interval.messages': 1,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** For a machine with half a GB: measured, the process then takes about 250 MB. */
export const BROKER_JVM_OPTIONS = ['-Xmx128m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
