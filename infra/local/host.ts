/** Hosts the described system on this machine: maps its description to the Lambda host and creates its stores. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BroadcastChannel, setEnvironmentData } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { buildDocs } from '../../shared/api/openapi/document.ts';
import { methodsOf, routeKey } from '../../shared/api/route.ts';
import { readMetrics } from '../../shared/api/system.ts';
import { kafkaClient } from '../../shared/kafka/client.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { metricTable } from '../../shared/observability/metric-table.ts';
import { mysqlFunctionsOf } from '../capability-resources.ts';
import type { OwnRoutes } from '../lambda-host/gateway/gateway.ts';
import { type LambdaHost, startLambdaHost } from '../lambda-host/host.ts';
import type { HostLog } from '../lambda-host/log.ts';
import type { MetricsOptions } from '../lambda-host/metrics/process-metrics.ts';
import type { HostedSystem } from '../lambda-host/system.ts';
import { deployedSystem } from '../system.ts';
import { definitionOf, type SystemDescription } from '../system-description.ts';
import { noChaos } from './chaos.ts';
import { dynamodbConfigOf, kafkaSettingsOf, localEnvironment, type SystemNames } from './environment.ts';
import type { LocalDeployment } from './localstack.ts';
import type { ServerAddresses } from './servers/addresses.ts';
import { createStores, mayCreateUsers } from './stores/stores.ts';

export interface HostOptions {
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  /** Port of 127.0.0.1 that answers HTTP; 0 picks a free one. */
  readonly port: number;
  /** Keeps the positions of event sources, and the API's documentation as built for this start. */
  readonly stateDirectory: string;
  /** The built files of the live page. */
  readonly pageDirectory: string;
  readonly log: HostLog;
  /** The token that requests which change the simulation must carry; empty for none. */
  readonly apiToken: string;
  /** Further host names that are accepted; see `npm start -- --help`. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** The path under which everything is served; empty for the root. */
  readonly basePath?: string | undefined;
  /** Of the functions: `DEBUG`, `INFO`, `WARN`, `ERROR`. */
  readonly logLevel: string;
  /** What the CDK has deployed to LocalStack, instead of a token given here. */
  readonly deployment?: LocalDeployment | undefined;
  /** Answers requests that don't go to a function. */
  readonly ownRoutes?: OwnRoutes;
  /** Whether other hosts may write to the same table. */
  readonly isTableShared?: boolean;
  readonly system?: SystemDescription;
  /** Folder that the entries of functions are relative to. */
  readonly root?: string;
}

const PROJECT = join(import.meta.dirname, '../..');

/** What the functions measure, appended to `/metrics` as text. The JSON is a contract and stays as it is. */
const METRICS: MetricsOptions = {
  prefix: 'retail_',
  definitions: metricTable,
  page: { routeKey: routeKey(readMetrics), contentType: readMetrics.text?.contentType ?? '' },
};

/**
 * Creates missing stores and gets everything ready. Before `open` nothing is consumed and every request is answered with
 * 503; only `invoke` works.
 *
 * @throws if the port is taken, a store can't be created or the description of the system is wrong.
 */
export async function startHost(options: HostOptions): Promise<LambdaHost> {
  const {
    addresses,
    names,
    system = deployedSystem,
    root = PROJECT,
    allowedHosts = [],
    basePath = '',
  } = options;
  const docsDirectory = join(options.stateDirectory, 'docs');
  const dynamodb = new DynamoDBClient(dynamodbConfig(addresses));
  const dynamodbStreams = new DynamoDBStreamsClient(dynamodbConfig(addresses));
  const tableWrites = openTableWrites();
  const hasOwnUsers = await mayCreateUsers(addresses);
  const context = {
    ...options,
    mysqlFunctions: hasOwnUsers ? mysqlFunctionsOf(system.functions) : undefined,
    docsDirectory,
    schemaDirectory: join(PROJECT, 'data/schema'),
    tableWritesChannel: tableWrites.channelName,
  };
  const closeClients = () => {
    tableWrites.close();
    dynamodb.destroy();
    dynamodbStreams.destroy();
  };
  try {
    const host = await startLambdaHost({
      system: hostedSystem(system, names),
      root,
      region: addresses.region,
      port: options.port,
      environment: (name, lambdaEndpoint) =>
        localEnvironment(name, definitionOf(system, name), { ...context, lambdaEndpoint }),
      dynamodb,
      dynamodbStreams,
      kafka: kafkaClient(kafkaSettingsOf(addresses, names), 'host', createLogger('host')),
      kafkaBrokers: addresses.kafkaBrokers,
      stateDirectory: options.stateDirectory,
      log: options.log,
      ownRoutes: options.ownRoutes ?? noChaos,
      metrics: METRICS,
      publicAddress: { allowedHosts, basePath, allowOption: 'npm start -- --allow-host' },
      compileCache: join(PROJECT, '.local/compile-cache'),
      async prepare() {
        const uses = Object.values(system.functions).flatMap((definition) => definition.uses);
        if (uses.includes('docs')) await buildDocs(docsDirectory, basePath);
        await createStores(system, addresses, names, dynamodb);
      },
      onTableWrite: tableWrites.begin,
      onDataWritten: tableWrites.announce,
    });
    return { ...host, stop: (graceMs) => host.stop(graceMs).finally(closeClients) };
  } catch (error) {
    closeClients();
    throw error;
  }
}

/**
 * How long a worker without work keeps its 30 to 60 MB. Someone who reads the page for a while shouldn't wait for a worker to start;
 * nobody waits for the ETL, the migrations or the reconciliation, which run once or every few minutes.
 */
const IDLE_SECONDS = { answering: 15 * 60, others: 10 };

/** A system as the Lambda host takes it. What answers GET answers HEAD as well. */
export function hostedSystem(
  system: SystemDescription,
  names: Pick<SystemNames, 'table' | 'topic' | 'consumerGroup'>,
): HostedSystem {
  const { functionUrl, httpRoutes } = system;
  const { stream, topic, schedules = [] } = system.eventSources;
  const answering = new Set(httpRoutes.map(({ function: name }) => name));
  const functions = Object.entries(system.functions).map(([name, definition]) => {
    const writesTable = definition.uses.includes('table:write');
    const idleSeconds = answering.has(name) ? IDLE_SECONDS.answering : IDLE_SECONDS.others;
    const { localWorkers: workers, localYoungMb: youngMb } = definition;
    return [name, { ...definition, workers, youngMb, writesTable, idleSeconds }] as const;
  });
  return {
    functions: Object.fromEntries(functions),
    routes: httpRoutes.flatMap(({ route, function: name }) =>
      methodsOf(route).map((method) => ({ method, path: route.path, function: name })),
    ),
    defaultFunction: system.defaultRoute,
    functionUrl,
    streams: stream ? [{ ...stream, table: names.table }] : [],
    topics: topic ? [{ ...topic, topic: names.topic, consumerGroup: names.consumerGroup }] : [],
    schedules,
  };
}

function dynamodbConfig(addresses: ServerAddresses) {
  return {
    ...dynamodbConfigOf(addresses),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
}

/** Notifies the functions, in whatever threads they run, of writes to the table. */
interface TableWrites {
  /** Name of the `BroadcastChannel`, and of the counters that the threads share; unique within this process. */
  readonly channelName: string;
  /** Notifies the streaming function that the table was probably just written to. */
  announce(): void;
  /** Counts a write that begins. Returns what counts its end. */
  begin(): () => void;
  /** Stops the notifications. */
  close(): void;
}

function openTableWrites(): TableWrites {
  const channelName = `table-writes-${randomUUID()}`;
  const channel = new BroadcastChannel(channelName);
  // A host that failed to start must not keep its process alive.
  channel.unref();
  let isClosed = false;
  // See `sharedWriteStamp`: begins and ends so far, and writes in progress.
  const counters = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  setEnvironmentData(channelName, counters.buffer);
  return {
    channelName,
    begin() {
      Atomics.add(counters, 1, 1);
      Atomics.add(counters, 0, 1);
      return () => {
        Atomics.add(counters, 0, 1);
        Atomics.sub(counters, 1, 1);
      };
    },
    announce: () => {
      if (!isClosed) channel.postMessage(null);
    },
    close: () => {
      isClosed = true;
      setEnvironmentData(channelName, undefined);
      channel.close();
    },
  };
}
