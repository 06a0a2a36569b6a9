import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Kafka } from 'kafkajs';
import type { OwnRoutes, PublicAddress } from './gateway/gateway.ts';
import type { HostLog } from './log.ts';
import type { MetricsOptions } from './metrics/process-metrics.ts';
import type { HostedSystem } from './system.ts';

export interface LambdaHostOptions {
  readonly system: HostedSystem;
  /** Folder that the functions' entries are relative to. */
  readonly root: string;
  readonly region: string;
  /** Port of 127.0.0.1 that answers HTTP; 0 picks a free one. */
  readonly port: number;
  /**
   * Everything a function finds in `process.env`.
   *
   * @param lambdaEndpoint Address of the Invoke API, for the AWS SDK's `AWS_ENDPOINT_URL_LAMBDA`.
   */
  readonly environment: (functionName: string, lambdaEndpoint: string) => Readonly<Record<string, string>>;
  /** Clients for the stream sources. The caller closes them after `stop`. */
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbStreams: DynamoDBStreamsClient;
  /** Client for the topic sources, and the addresses that their events name. */
  readonly kafka: Kafka;
  readonly kafkaBrokers: string;
  /** Keeps the positions of stream sources over restarts. */
  readonly stateDirectory: string;
  readonly log: HostLog;
  /** How a proxy makes the host available; by default only this machine reaches it. */
  readonly publicAddress?: PublicAddress | undefined;
  /** Which metrics the functions print; without them, such lines go to the log. */
  readonly metrics?: MetricsOptions;
  /** Where Node caches compiled modules; a thread that compiles TypeScript itself takes a second longer to start. */
  readonly compileCache?: string;
  /** Runs once the port is taken and before any function starts: creates tables and topics. */
  readonly prepare?: () => Promise<void>;
  /** Answers requests that don't go to a function, if it has an answer. Requests of other sites never reach it. */
  readonly ownRoutes?: OwnRoutes | undefined;
  /**
   * Called before any invocation of a function that writes a table. What it returns is called once the invocation has ended; after one
   * that failed, which may have left a write on its way, a few seconds later.
   */
  readonly onTableWrite?: () => () => void;
  /** Called when a function has probably just written data: after an invocation of one that writes a table, other than by GET or HEAD, and after a topic's batch. */
  readonly onDataWritten?: () => void;
}
