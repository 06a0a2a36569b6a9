import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ONE_NODE, propertiesText } from '../../one-node-broker.ts';
import { jarFile } from './artifacts.ts';
import { type Java, SMALL_JVM } from './java.ts';
import { prepareOnce, type ServerContext, type ServerDefinition } from './managed-server.ts';
import { kafkaPackage, packageFolder } from './packages.ts';
import { runProgram } from './program.ts';
import { probeKafka } from './readiness.ts';
import { SetupError } from './setup-error.ts';

const LOG_SETTINGS = fileURLToPath(new URL('kafka-log4j2.properties', import.meta.url));

/** Young objects get 6 MB: by default a third of the heap, which was 16 MB of mostly garbage after a run. */
const JVM_OPTIONS = ['-Xmx256m', '-Xms32m', '-Xmn6m', ...SMALL_JVM];

/** Prepares Apache Kafka in KRaft mode: one node, broker and controller, on the loopback interface. */
export async function defineKafka(
  context: ServerContext,
  java: Java,
  ports: { readonly broker: number; readonly controller: number },
): Promise<ServerDefinition> {
  const data = join(context.directory, 'data');
  const settings = join(context.directory, 'server.properties');
  await writeFile(settings, propertiesOf(data, ports));
  const options = [...JVM_OPTIONS, ...sharedArchive(java, join(context.directory, 'classes.jsa'))];
  await prepareOnce(join(context.directory, 'formatted'), data, () => format(java, settings, context.signal));
  const address = `127.0.0.1:${ports.broker}`;
  return {
    name: 'kafka',
    address,
    command: {
      file: java.path,
      args: [...options, ...mainClass('kafka.Kafka'), settings],
      cwd: context.directory,
    },
    probe: () => probeKafka(address),
  };
}

/** From Java 19 on the JVM keeps its own archive of loaded classes (JEP 350, JDK-8261455): the second start is faster. */
function sharedArchive(java: Java, file: string): string[] {
  return java.release >= 19 ? ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${file}`] : [];
}

function mainClass(name: string): string[] {
  const jars = kafkaPackage.jars.map((jar) => join(packageFolder(kafkaPackage), jarFile(jar)));
  // Listed one by one: a class archive fits only the same jars in the same order.
  return [`-Dlog4j2.configurationFile=${LOG_SETTINGS}`, '-cp', jars.join(delimiter), name];
}

function propertiesOf(data: string, ports: { broker: number; controller: number }): string {
  return propertiesText({
    ...ONE_NODE,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.broker},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.broker}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
    'num.network.threads': 2,
    'num.io.threads': 4,
    // After a crash a broker can't register again before its old session has expired, by default after 9 s.
    'broker.session.timeout.ms': 2_000,
    'broker.heartbeat.interval.ms': 500,
  });
}

async function format(java: Java, settings: string, signal: AbortSignal): Promise<void> {
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'a');
  const tool = [...mainClass('kafka.tools.StorageTool'), 'format', '--ignore-formatted'];
  const args = [...JVM_OPTIONS, ...tool, '-t', clusterId, '-c', settings];
  const result = await runProgram(java.path, args, { signal });
  signal.throwIfAborted();
  if (!result.ok)
    throw new SetupError(`Kafka could not format its data folder: ${result.output.slice(-500)}`);
}
