/** Hosts a whole system in this process: its functions, and all that invokes them. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { buildDocs } from '../../shared/api/openapi/build.ts';
import { routeKey } from '../../shared/api/route.ts';
import { readMetrics } from '../../shared/api/system.ts';
import { metricTable } from '../../shared/observability/metric-table.ts';
import type { LocalDeployment } from '../aws/localstack/deploy.ts';
import { dynamodbConfigOf } from '../local/clients.ts';
import type { SystemNames } from '../local/environment.ts';
import type { ServerAddresses } from '../local/servers/addresses.ts';
import { createStores } from '../local/stores/stores.ts';
import { openTableWrites } from '../local/table-writes.ts';
import { type RunningEventSources, startEventSources } from './event-sources/event-sources.ts';
import { createFrontDoor } from './gateway/gateway.ts';
import { type HttpServer, openHttpServer } from './gateway/http-server.ts';
import type { HostLog } from './log.ts';
import { appendMetrics, createProcessMetrics, type MetricsOptions } from './metrics/process-metrics.ts';
import type { InvocationResult } from './runtime/invocation-result.ts';
import { openRuntime } from './runtime/runtime.ts';
import { checkSystem } from './system-check.ts';
import { deployedSystem, type SystemDescription } from './system-description.ts';

export interface HostOptions {
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  /** Port of 127.0.0.1 that answers HTTP; 0 lets the system choose one. */
  readonly port: number;
  /** Keeps the positions of event sources, and the API's documentation as it was built for this start. */
  readonly stateDirectory: string;
  /** The built files of the live page. */
  readonly pageDirectory: string;
  readonly log: HostLog;
  /** What changes of the state ask for; empty for none. */
  readonly apiToken: string;
  /** Of the functions: `DEBUG`, `INFO`, `WARN`, `ERROR`. */
  readonly logLevel: string;
  /** What the CDK has deployed to LocalStack, instead of a token given here. */
  readonly deployment?: LocalDeployment | undefined;
  readonly system?: SystemDescription;
  /** Folder that the entries of functions are relative to. */
  readonly root?: string;
}

export interface Host {
  /** Where HTTP is answered. */
  readonly url: string;
  /** Where the Invoke API is answered, for the AWS SDK's `AWS_ENDPOINT_URL_LAMBDA`. */
  readonly lambdaEndpoint: string;
  /** Invokes a buffered function. A failure is part of the result. */
  invoke(name: string, event: unknown): Promise<InvocationResult>;
  /** Lets requests in and starts the event sources. To be called when the schema is applied. */
  open(): void;
  /** Ends everything in order: streams, requests, event sources, workers. What takes longer than the grace is cut off. */
  stop(graceMs?: number): Promise<void>;
}

const PROJECT = join(import.meta.dirname, '../..');
const METRICS: MetricsOptions = {
  prefix: 'retail_',
  definitions: metricTable,
  page: { routeKey: routeKey(readMetrics), contentType: readMetrics.text?.contentType ?? '' },
};

const STOP_GRACE_MS = 10_000;

/** Within this part of the grace a function ends its streams by itself, or they are ended for it. */
const STREAM_SHARE = 1 / 5;
/** For the sources to end with the invocations that were cut off. */
const CUT_OFF_GRACE_MS = 2_000;

/**
 * Creates the stores that are missing and gets everything ready. Before `open` nothing is consumed and every request is
 * answered with 503; only `invoke` works.
 *
 * @throws if the port is taken, a store can't be had or the description of the system is wrong.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { addresses, names, port, log, system = deployedSystem, root = PROJECT } = options;
  const { region } = addresses;
  checkSystem(system);
  const docsDirectory = join(options.stateDirectory, 'docs');
  const uses = Object.values(system.functions).flatMap((definition) => definition.uses);
  if (uses.includes('docs')) await buildDocs(docsDirectory);
  const dynamodb = new DynamoDBClient(dynamodbConfig(addresses));
  const streams = new DynamoDBStreamsClient(dynamodbConfig(addresses));
  const metrics = createProcessMetrics(METRICS);
  const tableWrites = openTableWrites();
  const runtime = await openRuntime({
    ...options,
    metrics,
    system,
    root,
    schemaDirectory: join(PROJECT, 'data/schema'),
    docsDirectory,
    tableWritesChannel: tableWrites.channelName,
    // A click is on its way, and shown, earlier than by the next looks at the stream and at the table.
    onTableWritten: () => {
      sources?.nudge();
      tableWrites.tell();
    },
  });
  const { functions, background, lambdaEndpoint } = runtime;
  const door = createFrontDoor(system, functions, region, log, appendMetrics(metrics, METRICS.page));
  let server: HttpServer | undefined;
  let sources: RunningEventSources | undefined;
  let stopped: Promise<void> | undefined;

  async function stop(graceMs: number): Promise<void> {
    door.shut();
    background.stop();
    const answered = server?.close(graceMs);
    const consumed = sources?.stop();
    await functions.endStreams(graceMs * STREAM_SHARE);
    await Promise.race([Promise.all([answered, consumed]), delay(graceMs, undefined, { ref: false })]);
    // What is still running fails now, and the sources end with it.
    await runtime.close(0);
    tableWrites.close();
    await Promise.race([consumed, delay(CUT_OFF_GRACE_MS, undefined, { ref: false })]);
    dynamodb.destroy();
    streams.destroy();
  }

  try {
    // First, for it is the quickest to fail.
    server = await openHttpServer(port, door.handle, log);
    await createStores(system, addresses, names, dynamodb);
  } catch (error) {
    await stop(0);
    throw error;
  }
  functions.warm();
  return {
    url: server.url,
    lambdaEndpoint,
    invoke: (name, event) => functions.invoke(name, JSON.stringify(event)),
    open: () => {
      sources ??= startEventSources({
        ...options,
        system,
        dynamodb,
        streams,
        invoke: runtime.invokeForSource,
        invokeAsync: background.invoke,
        onTopicTaken: tableWrites.tell,
      });
      door.open();
    },
    stop: (graceMs = STOP_GRACE_MS) => {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

function dynamodbConfig(addresses: ServerAddresses) {
  return {
    ...dynamodbConfigOf(addresses),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
}
