/** Debezium's JDBC sink in a Kafka Connect of its own, on the jars of the local Kafka. */
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { fingerprint, type Jar, jarFile } from '../../../infra/local/servers/artifacts.ts';
import { requireJava } from '../../../infra/local/servers/java.ts';
import {
  downloadPackages,
  kafkaPackage,
  type Package,
  packageFolder,
} from '../../../infra/local/servers/packages.ts';
import type { Consumer, ConsumerTarget } from './consumers.ts';
import pinned from './debezium-jars.json' with { type: 'json' };

const TASKS = 6;
const BATCH = 3_000;
const BROUGHT_WITHIN_MS = 10 * 60_000;

/** What the sink needs beside the local Kafka: Kafka Connect, Hibernate, and MariaDB's driver: MySQL's fails on MariaDB. */
const { version, jars } = z
  .object({ version: z.string(), jars: z.array(z.custom<Jar>((jar) => typeof jar === 'object')) })
  .parse(pinned);

const debezium: Package = {
  title: `Debezium's JDBC sink ${version}`,
  folder: `debezium-jdbc-${version}-${fingerprint(jars)}`,
  jars,
  async unpack(downloads, folder) {
    for (const jar of jars) await rename(path.join(downloads, jarFile(jar)), path.join(folder, jarFile(jar)));
  },
};

/** Downloads it the first time. @throws SetupError without Java or a connection. */
export async function requireDebezium(report: (line: string) => void): Promise<Consumer> {
  const signal = AbortSignal.timeout(BROUGHT_WITHIN_MS);
  const java = await requireJava(report, signal);
  await downloadPackages([kafkaPackage, debezium], report, signal);
  return {
    name: 'debezium',
    async programFor(target) {
      const worker = path.join(target.directory, 'worker.properties');
      const connector = path.join(target.directory, 'connector.json');
      await writeFile(worker, properties(workerSettings(target)));
      const sink = { name: 'sink', config: connectorSettings(target) };
      await writeFile(connector, JSON.stringify(sink), { mode: 0o600 });
      return { file: java.path, args: [...JVM_OPTIONS, MAIN, worker, connector] };
    },
  };
}

const MAIN = 'org.apache.kafka.connect.cli.ConnectStandalone';

/** Kafka's jars come first: both folders have some libraries, and Kafka's are the newer ones. */
const CLASS_PATH = [kafkaPackage, debezium].map((one) => path.join(packageFolder(one), '*'));
const JVM_OPTIONS = [
  '-Xmx512m',
  '-Dorg.apache.logging.log4j.level=WARN',
  '-cp',
  CLASS_PATH.join(path.delimiter),
];

/** The messages have no schema of their own, so the converter is given one. */
const SCHEMA = {
  type: 'struct',
  fields: [
    ...['event_id', 'run_id', 'store_id', 'product_id', 'date'].map((field) => ({ field, type: 'string' })),
    ...['day_index', 'units_sold', 'day_total'].map((field) => ({ field, type: 'int32' })),
    { field: 'price', type: 'double' },
    { field: 'discount', type: 'double', optional: true },
    { field: 'is_holiday_promo', type: 'int32', optional: true },
    ...['weather', 'category', 'region'].map((field) => ({ field, type: 'string', optional: true })),
  ],
};

function workerSettings({ addresses, directory }: ConsumerTarget): Record<string, string> {
  return {
    'bootstrap.servers': addresses.kafkaBrokers,
    listeners: 'http://127.0.0.1:0',
    // Without a search through every class of the class path.
    'plugin.discovery': 'service_load',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schema.content': JSON.stringify(SCHEMA),
    'offset.storage.file.filename': path.join(directory, 'offsets'),
  };
}

/** An event that is delivered again updates its row, as the sink can't ignore it. */
function connectorSettings({ addresses, database, topic, table }: ConsumerTarget): Record<string, string> {
  const { host, port, user, password } = addresses.mysql;
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'tasks.max': String(TASKS),
    topics: topic,
    'connection.url': `jdbc:mariadb://${host}:${port}/${database}?useBulkStmts=true&allowPublicKeyRetrieval=true`,
    'connection.username': user,
    'connection.password': password,
    'collection.name.format': table,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_value',
    'primary.key.fields': 'event_id',
    'schema.evolution': 'none',
    'batch.size': String(BATCH),
    'consumer.override.max.poll.records': String(BATCH),
  };
}

function properties(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}
