/** What the host runs: functions, the routes that requests take to them, and the event sources that invoke them. */

export interface HostedFunction {
  /** Module that exports `handler`, relative to the host's `root`. */
  readonly entry: string;
  /** Bounds the heap of each worker thread. */
  readonly memoryMb: number;
  /**
   * How many of these megabytes are for young objects; default: 12. More of them spare a function that handles large events much
   * of its garbage collection, because fewer objects survive until the next one; each worker then keeps as many.
   */
  readonly youngMb?: number | undefined;
  readonly timeoutSeconds: number;
  /** `stream`: the handler is wrapped by `awslambda.streamifyResponse`. */
  readonly invocation: 'buffered' | 'stream';
  /** Worker threads. Each runs one buffered invocation at a time, or any number of streams. */
  readonly workers: number;
  /** Whether the workers start with the host and are replaced at once, rather than by the next invocation. */
  readonly startWarm: boolean;
  /**
   * A worker that had nothing to do for this long ends and gives its memory back, as Lambda ends environments. By default none
   * does, nor do those of a function that starts warm, or streams.
   */
  readonly idleSeconds?: number;
  /** Whether its requests write to a table, so that the host polls the table's stream after each of them. */
  readonly writesTable: boolean;
}

/** A route of the HTTP API. A GET route doesn't answer HEAD unless it is listed too, as on AWS. */
export interface HttpRoute {
  readonly method: string;
  /** A segment in braces is a parameter: `/orders/{id}`. */
  readonly path: string;
  readonly function: string;
}

/** DynamoDB records of a table, as an event source mapping delivers them. */
export interface StreamSource {
  readonly function: string;
  readonly table: string;
  readonly batchSize: number;
  /** Records that match none of the patterns (see `event-sources/filter-pattern.ts`) are dropped; without a pattern all are delivered. */
  readonly filters: readonly unknown[];
}

/** Messages of a Kafka topic, as an event source mapping for MSK delivers them. */
export interface TopicSource {
  readonly function: string;
  readonly topic: string;
  readonly consumerGroup: string;
  readonly batchSize: number;
}

/** An EventBridge rule that fires at the start of the host, and from then on at a fixed rate. */
export interface Schedule {
  readonly function: string;
  readonly everyMinutes: number;
}

export interface HostedSystem {
  readonly functions: Readonly<Record<string, HostedFunction>>;
  readonly routes: readonly HttpRoute[];
  /** Answers what no route takes (`$default`). Without one, that is API Gateway's own 404. */
  readonly defaultFunction?: string;
  /** A streaming function and the path prefixes that lead to its function URL instead of the HTTP API. */
  readonly functionUrl?: { readonly function: string; readonly pathPrefixes: readonly string[] };
  readonly streams: readonly StreamSource[];
  readonly topics: readonly TopicSource[];
  readonly schedules: readonly Schedule[];
}

/** How API Gateway names a route in its events: `GET /orders/{id}`. */
export function routeKey({ method, path }: Pick<HttpRoute, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The account of AWS's own examples, because nothing here belongs to a real one. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/**
 * The ARN of a function of this host.
 *
 * @example functionArn('eu-central-1', 'billing') // arn:aws:lambda:eu-central-1:000000000000:function:billing
 */
export function functionArn(region: string, functionName: string): string {
  return `arn:aws:lambda:${region}:${LOCAL_ACCOUNT_ID}:function:${functionName}`;
}
