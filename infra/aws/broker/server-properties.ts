/** The settings of the `hobby` stage's Kafka. */
import { ONE_NODE, propertiesText } from '../../one-node-broker.ts';

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

/** With the segments of a one-node broker, bounds the topic to less than half of the smallest volume, over six partitions. */
const RETENTION_BYTES = 134_217_728;

/** Java properties of the one node. */
export function serverProperties({ host, bind, ports }: BrokerAddresses, files: BrokerFiles): string {
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return propertiesText({
    ...ONE_NODE,
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
    'inter.broker.listener.name': 'LOCAL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.functions.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.pollers.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.pollers.ssl.keystore.type': 'PEM',
    'listener.name.pollers.ssl.keystore.location': files.keyStore,
    'log.dirs': files.data,
    'log.retention.bytes': RETENTION_BYTES,
    // The machine may be stopped at any time, and a topic has one copy: what is acknowledged must be on the disk.
    'log.flush.interval.messages': 1,
  });
}

/** For a machine with half a GB: measured, the process then takes about 250 MB. */
export const BROKER_JVM_OPTIONS = ['-Xmx128m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
