/** The whole system on this machine, from the servers to the page. */
import { dirname, join } from 'node:path';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import type { LambdaHost } from '../lambda-host/host.ts';
import type { InvocationResult } from '../lambda-host/runtime/invocation-result.ts';
import { type Chaos, createChaos, noChaos } from './chaos.ts';
import { chooseDataset } from './dataset.ts';
import { checkBeforeStart } from './describe-dataset.ts';
import { namesOf } from './environment.ts';
import { startHost } from './host.ts';
import type { LocalDeployment } from './localstack.ts';
import { buildPageAlone } from './page.ts';
import type { ServerAddresses } from './servers/addresses.ts';
import type { RunningServers, ServerMode } from './servers/managed-server.ts';
import { chooseMysqlEngine } from './servers/mysql.ts';
import type { MysqlEngine } from './servers/mysql-engine.ts';
import { isFree } from './servers/ports.ts';
import { messageOf, SetupError } from './servers/setup-error.ts';
import { chooseServers, startServers } from './servers/start.ts';
import type { Terminal } from './terminal.ts';

export interface LocalSystemOptions {
  /** Start with empty stores. */
  readonly fresh: boolean;
  /** Port of the page and the API; 0 picks a free one. */
  readonly port: number;
  /** Path of the CSV to load; null: the one in data/raw/, otherwise a generated one. */
  readonly dataset: string | null;
  readonly datasetSettings?: DatasetSettings;
  readonly servers: ServerMode | 'auto';
  /** Whether requests may break a part of the system for some seconds. */
  readonly chaos: boolean;
  /** Further host names that are accepted, in lower case. */
  readonly allowHost: readonly string[];
  /** The path under which everything is served; empty for the root. */
  readonly basePath: string;
  readonly project: string;
  readonly apiToken: string;
  readonly logLevel: string;
  readonly log: Terminal;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

export interface LocalSystem {
  /** The host's URL; the live page is at `/stream/live`. */
  readonly url: string;
  readonly addresses: ServerAddresses;
  /** Resolves when a server exits unexpectedly. */
  readonly failed: Promise<Error>;
  /** Stops everything in order. */
  stop(): Promise<void>;
}

/**
 * Starts servers and host, applies the schema, loads the data set, and lets requests in.
 *
 * @throws SetupError with the remedy for a missing prerequisite. Whatever has been started is stopped again.
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
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

async function startAll(
  options: LocalSystemOptions,
  begun: (() => Promise<void>)[],
): Promise<Omit<LocalSystem, 'stop'>> {
  const { project, log, signal, port, apiToken, logLevel, allowHost, basePath } = options;
  if (port !== 0 && !(await isFree(port))) {
    throw new SetupError(
      `Port ${port} is taken by another process (lsof -i :${port} shows which): end it, or choose another port ` +
        `with npm start -- --port ${port + 1}.`,
    );
  }
  const pageDirectory = join(project, '.local/page');
  const dataset = await prepareDataset(options);
  const preparing = buildPageAlone(project, pageDirectory);
  // Its errors are thrown where it is awaited.
  preparing.catch(() => undefined);
  const { servers, stateDirectory, deployment } = await openServers(options, begun);
  const { addresses } = servers;
  await preparing;
  signal.throwIfAborted();
  const names = namesOf(addresses);
  const { promise: broken, resolve: breakDown } = Promise.withResolvers<Error>();
  let chaos: Chaos | undefined;
  const host = await startHost({
    ownRoutes: (request) => (chaos?.routes ?? noChaos)(request),
    addresses,
    names: { ...names, table: deployment?.table ?? names.table },
    deployment,
    port,
    stateDirectory,
    pageDirectory,
    log,
    apiToken,
    logLevel,
    allowedHosts: allowHost,
    basePath,
    // External servers may be used by several hosts.
    isTableShared: options.servers === 'external',
  });
  begun.push(() => host.stop());
  signal.throwIfAborted();
  await load(host, await etlEvent(addresses, deployment, dataset, options.datasetSettings), options);
  signal.throwIfAborted();
  if (options.chaos) {
    chaos = createChaos({
      ...{ servers: servers.breakable, functions: host.functions, apiToken, log },
      onFailure: (error) =>
        breakDown(new SetupError(`A broken server did not start again: ${messageOf(error)}`)),
    });
    begun.push(chaos.stop);
  }
  host.open();
  return { url: host.url, addresses, failed: Promise.race([servers.failed, broken]) };
}

interface OpenedServers {
  readonly servers: RunningServers;
  readonly stateDirectory: string;
  readonly deployment: LocalDeployment | undefined;
}

async function openServers(
  { project, servers: asked, fresh, log, signal, apiToken }: LocalSystemOptions,
  begun: (() => Promise<void>)[],
): Promise<OpenedServers> {
  const local = (...path: string[]) => join(project, '.local', ...path);
  const report = (line: string) => log.write('INFO', line);
  const mode = await chooseServers(asked, report);
  const mysqlEngine =
    mode === 'native' ? await chooseMysqlEngine({ preferInstalled: true }, report) : undefined;
  if (mysqlEngine?.kind === 'mysql') {
    report(
      `${mysqlEngine.title} is there (${mysqlEngine.server}): it is used instead of MariaDB, with data of its own.`,
    );
  }
  const dataDirectory = local(dataFolder(mode, mysqlEngine));
  const servers = await startServers({
    dataDirectory,
    mode,
    fresh,
    report,
    signal,
    ...(mysqlEngine ? { mysqlEngine } : {}),
  });
  begun.push(() => servers.stop());
  log.hide([servers.addresses.mysql.password, apiToken]);
  const stateDirectory = mode === 'external' ? local('positions') : join(dataDirectory, 'positions');
  if (mode !== 'localstack') return { servers, stateDirectory, deployment: undefined };
  const { deployLocally } = await import('./localstack.ts');
  const deployment = await deployLocally(servers.addresses, local('aws/localstack'), log, signal);
  return { servers, stateDirectory, deployment };
}

/**
 * Each kind of server has its own folder for data and positions: Oracle's MySQL can't read MariaDB's files, and the data of Kafka and
 * DynamoDB is only valid together with its rows in MySQL.
 */
function dataFolder(mode: ServerMode, mysqlEngine: MysqlEngine | undefined): string {
  if (mysqlEngine?.kind === 'mysql') return 'data-mysql';
  return mode === 'native' || mode === 'external' ? 'data' : mode;
}

/** The event that invokes the ETL: a file of this machine, or an object in LocalStack. */
async function etlEvent(
  addresses: ServerAddresses,
  deployment: LocalDeployment | undefined,
  dataset: string,
  settings: DatasetSettings = {},
): Promise<unknown> {
  if (!deployment) return { file: dataset, settings };
  const { uploadLocally } = await import('./localstack.ts');
  return uploadLocally(addresses, deployment, dataset, settings);
}

/** Chooses the data set, and checks it unless it was generated. @throws SetupError */
async function prepareDataset(options: LocalSystemOptions): Promise<string> {
  const { dataset, datasetSettings: settings = {}, project, log } = options;
  const generated = join(project, '.local');
  const path = await chooseDataset(dataset, {
    raw: join(project, 'data/raw'),
    generated,
    generator: join(project, 'data/generator'),
  });
  if (dirname(path) === generated) return path;
  const report = (line: string) => log.write('INFO', line);
  await checkBeforeStart({ path, settings, stampFile: join(generated, 'checked-data-set'), report });
  return path;
}

/** Applies the schema and loads the data set, before anything may consume. */
async function load(host: LambdaHost, event: unknown, { log, signal }: LocalSystemOptions): Promise<void> {
  const begun = performance.now();
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const migrated = await Promise.race([host.invoke('migrate', {}), stopped]);
  if (migrated.error) throw new SetupError(`The schema could not be applied: ${migrated.error.errorMessage}`);
  const result = await Promise.race([host.invoke('etl', event), stopped]);
  if (result.error) throw new SetupError(`The data set could not be loaded: ${result.error.errorMessage}`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  log.write('INFO', `${summaryOf(result)} (${seconds} s)`);
}

function summaryOf({ payload }: InvocationResult): string {
  const { status, rows, days } = JSON.parse(payload);
  const what = `${Number(rows).toLocaleString('en')} rows of ${days} days`;
  return status === 'unchanged' ? `The data set is unchanged: ${what}` : `The data set is loaded: ${what}`;
}
