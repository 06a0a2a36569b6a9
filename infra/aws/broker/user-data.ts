import { readFileSync } from 'node:fs';
import { artifacts, type Coordinates, jarFile } from '../../local/servers/artifacts.ts';
import { ONE_NODE, propertiesText } from '../../one-node-broker.ts';

/** What the broker's machine runs at every boot. */

export interface BrokerMachine {
  readonly host: string;
  /** Name, ARN or token of the secret `{"username": …, "password": …}`. */
  readonly scramSecret: string;
  /** Of the secret that receives the certificate authority: `{"certificate": …}`. */
  readonly authoritySecret: string;
  readonly region: string;
  readonly topic: { readonly name: string; readonly partitions: number; readonly retentionHours: number };
  /** A command that reports the exit code `$?` to CloudFormation, which waits for it. */
  readonly signal: string;
}

/** The command that creates topics. Local servers need none, so it isn't among their jars. */
const TOOLS = {
  group: 'org.apache.kafka',
  artifact: 'kafka-tools',
  version: '4.4.0',
  sha256: '4eb9a7fbfd63badfd8d1a677aa2d54b47b2b2d442ff7d68fd223972afea1954c',
};

const DATA = '/var/lib/kafka/log';
const KEY_STORE = '/var/lib/kafka/tls/key-store.pem';
const SETUP = readFileSync(new URL('setup.sh', import.meta.url), 'utf8');

/** Path of a jar in a Maven repository. */
function repositoryPath(jar: Coordinates): string {
  return `${jar.group.replaceAll('.', '/')}/${jar.artifact}/${jar.version}/${jarFile(jar)}`;
}

/** As AWS documents it: without the first part, cloud-init runs the script at the first boot only. */
export function userData(settings: BrokerMachine): string {
  return [
    'Content-Type: multipart/mixed; boundary="//"',
    'MIME-Version: 1.0',
    '',
    '--//',
    'Content-Type: text/cloud-config; charset="us-ascii"',
    '',
    '#cloud-config',
    'cloud_final_modules:',
    '- [scripts-user, always]',
    '',
    '--//',
    'Content-Type: text/x-shellscript; charset="us-ascii"',
    '',
    script(settings),
    '--//--',
    '',
  ].join('\n');
}

function script({ host, region, scramSecret, authoritySecret, topic, signal }: BrokerMachine): string {
  const addresses = { host, bind: '0.0.0.0', ports: BROKER_PORTS };
  const jars = [...artifacts.kafka.jars, TOOLS].map((jar) => `${jar.sha256} ${repositoryPath(jar)}`);
  return [
    '#!/bin/bash',
    `HOST=${host} REGION=${region} SCRAM_SECRET=${scramSecret} CA_SECRET=${authoritySecret}`,
    `TOPIC=${topic.name} PARTITIONS=${topic.partitions} RETENTION_MS=${topic.retentionHours * 3_600_000}`,
    `JVM_OPTIONS='${BROKER_JVM_OPTIONS.join(' ')}'`,
    `JARS='${jars.join('\n')}'`,
    'mkdir -p /etc/kafka',
    `cat >/etc/kafka/server.properties <<'PROPERTIES'`,
    `${serverProperties(addresses, { data: DATA, keyStore: KEY_STORE })}PROPERTIES`,
    SETUP,
    `trap '${signal}' EXIT`,
    'setup',
  ].join('\n');
}

/** The settings of the `hobby` stage's Kafka. */

interface BrokerAddresses {
  /** The name that clients in the VPC know the broker by. */
  readonly host: string;
  /** Where the listeners for clients listen. */
  readonly bind: string;
  readonly ports: BrokerPorts;
}

export interface BrokerPorts {
  /** Functions: SCRAM without TLS. The password never crosses the network, and the network is private. */
  readonly functions: number;
  /** Lambda's pollers: SCRAM with TLS, which they require. */
  readonly pollers: number;
  /** The broker itself and the tools on its machine; on the loopback interface. */
  readonly local: number;
  readonly controller: number;
}

export const BROKER_PORTS: BrokerPorts = { functions: 9095, pollers: 9096, local: 9092, controller: 9093 };

interface BrokerFiles {
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
