/** The whole system on this machine, from the servers to the page. */
import { join } from 'node:path';
import {
  deployToLocalStack,
  type LocalDeployment,
  type LocalStackAccess,
  uploadToLocalStack,
} from '../aws/localstack/deploy.ts';
import { chooseDataset } from './dataset.ts';
import { type Host, startHost } from './host/host.ts';
import type { InvocationResult } from './host/invocation.ts';
import { namesOf } from './names.ts';
import type { StartOptions } from './options.ts';
import { buildPageFiles } from './page.ts';
import type { ServerAddresses } from './servers/addresses.ts';
import { chooseServers } from './servers/choose.ts';
import { portTakenError } from './servers/port-holder.ts';
import { isFree } from './servers/ports.ts';
import { SetupError } from './servers/setup-error.ts';
import { startServers } from './servers/start.ts';
import type { Terminal } from './terminal.ts';

export interface RunOptions extends Pick<StartOptions, 'fresh' | 'port' | 'dataset' | 'servers'> {
  readonly project: string;
  readonly apiToken: string;
  readonly logLevel: string;
  readonly log: Terminal;
  /** Breaks the start off. */
  readonly signal: AbortSignal;
}

export interface Run {
  /** Of the host; the live page is at `/stream/live`. */
  readonly url: string;
  readonly addresses: ServerAddresses;
  /** Resolves when a server has ended by itself. */
  readonly failed: Promise<Error>;
  /** Ends all of it in order. */
  stop(): Promise<void>;
}

/**
 * Starts servers and host, applies the schema, loads the data set, and lets requests in.
 *
 * @throws SetupError with the remedy for what is missing or in the way. What was started already is ended.
 */
export async function runSystem(options: RunOptions): Promise<Run> {
  const begun: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of begun.splice(0).reverse()) await end();
  };
  try {
    return { ...(await startAll(options, begun)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(options: RunOptions, begun: (() => Promise<void>)[]): Promise<Omit<Run, 'stop'>> {
  const { project, log, signal, port } = options;
  const { apiToken, logLevel } = options;
  const local = (...path: string[]) => join(project, '.local', ...path);
  if (port !== 0 && !(await isFree(port))) {
    throw await portTakenError(port, `end it, or choose another one with npm start -- --port ${port + 1}.`);
  }
  const preparing = Promise.all([prepareDataset(options), buildPageFiles(project, local('page'))]);
  // Whatever it throws is thrown where it is waited for.
  preparing.catch(() => undefined);
  const mode = await chooseServers(options.servers, (line) => log.write('INFO', line));
  // Servers as processes and in containers keep their data apart, and so the positions in it.
  const dataDirectory = local(mode === 'native' || mode === 'external' ? 'data' : mode);
  const servers = await startServers({
    dataDirectory,
    mode,
    fresh: options.fresh,
    report: (line) => log.write('INFO', line),
    signal,
  });
  begun.push(() => servers.stop());
  const { addresses } = servers;
  log.hide([addresses.mysql.password, apiToken]);
  const [dataset] = await preparing;
  signal.throwIfAborted();
  const deployed = mode === 'localstack' ? await deploy(addresses, local('aws', mode), options) : undefined;
  const names = namesOf(addresses);
  const host = await startHost({
    addresses,
    names: { ...names, table: deployed?.table ?? names.table },
    deployment: deployed,
    port,
    stateDirectory: mode === 'external' ? local('positions') : join(dataDirectory, 'positions'),
    pageDirectory: local('page'),
    log,
    apiToken,
    logLevel,
  });
  begun.push(() => host.stop());
  signal.throwIfAborted();
  const event = deployed
    ? await uploadToLocalStack(accessOf(addresses), deployed.bucket, dataset)
    : { file: dataset };
  await load(host, event, options);
  signal.throwIfAborted();
  host.open();
  return { url: host.url, addresses, failed: servers.failed };
}

function prepareDataset({ dataset, project }: RunOptions): Promise<string> {
  return chooseDataset(dataset, {
    raw: join(project, 'data/raw'),
    generated: join(project, '.local'),
    generator: join(project, 'data/generator'),
  });
}

function accessOf(addresses: ServerAddresses): LocalStackAccess {
  return {
    endpoint: addresses.dynamodbEndpoint,
    region: addresses.region,
    accessKeyId: addresses.dynamodbAccessKeyId,
    secretAccessKey: addresses.dynamodbSecretAccessKey,
  };
}

async function deploy(
  addresses: ServerAddresses,
  folder: string,
  { log, signal }: RunOptions,
): Promise<LocalDeployment> {
  log.write('INFO', 'The CDK deploys table, bucket and token to LocalStack.');
  const deployed = await deployToLocalStack(accessOf(addresses), folder, signal);
  const read = `secretsmanager get-secret-value --secret-id ${deployed.apiTokenSecret} --query SecretString --output text`;
  log.write(
    'INFO',
    `The token of what changes the simulation: aws --endpoint-url ${addresses.dynamodbEndpoint} ${read}`,
  );
  return deployed;
}

/** Applies the schema and brings the data set in; nothing may consume before that. */
async function load(host: Host, event: unknown, { log, signal }: RunOptions): Promise<void> {
  const begun = performance.now();
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const result = await Promise.race([host.invoke('etl', event), stopped]);
  if (result.error) throw new SetupError(`The data set could not be loaded: ${result.error.errorMessage}`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  log.write('INFO', `${summaryOf(result)} (${seconds} s)`);
}

function summaryOf({ payload }: InvocationResult): string {
  const { status, rows, days } = JSON.parse(payload);
  const what = `${Number(rows).toLocaleString('en')} rows of ${days} days`;
  return status === 'unchanged' ? `The data set stands: ${what}` : `The data set is loaded: ${what}`;
}
