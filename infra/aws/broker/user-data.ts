/** What the broker's machine runs at every boot. */
import { readFileSync } from 'node:fs';
import { artifacts, type Coordinates, jarFile } from '../../local/servers/artifacts.ts';
import { BROKER_JVM_OPTIONS, BROKER_PORTS, serverProperties } from './server-properties.ts';

export interface BrokerSettings {
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
export function userData(settings: BrokerSettings): string {
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

function script({ host, region, scramSecret, authoritySecret, topic, signal }: BrokerSettings): string {
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
