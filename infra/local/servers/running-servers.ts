import type { ServerAddresses, ServerName } from './addresses.ts';
import type { ManagedServer } from './managed-server.ts';
import type { MysqlEngine } from './mysql-engine.ts';

/**
 * `native`: child processes. `docker`: containers. `localstack`: containers with LocalStack's DynamoDB, whose data is not
 * kept. `external`: already running, with addresses in the environment.
 */
export const serverModes = ['native', 'docker', 'localstack', 'external'] as const;
export type ServerMode = (typeof serverModes)[number];

export interface StartServersOptions {
  /** Contains the servers' data; created if missing. */
  readonly dataDirectory: string;
  readonly mode: ServerMode;
  /** Starts with empty servers: empties the data directory. */
  readonly fresh: boolean;
  /** Receives progress, one line at a time. */
  readonly report: (line: string) => void;
  /** Aborts the start and stops what was already started. */
  readonly signal?: AbortSignal;
  /** Processes only: the server behind "MySQL"; by default the one that `MYSQLD` names, otherwise MariaDB. */
  readonly mysqlEngine?: MysqlEngine;
  /** Containers only: `stop` removes their data too. The data of processes is in the data directory. */
  readonly temporary?: boolean;
}

/** A server that can be broken for a while, and works again on the same data. */
export interface BreakableServer {
  /** Kills it. It stays down, and doesn't count as a failure of the servers. */
  kill(): Promise<void>;
  /** Resolves when the killed server handles requests again. @throws the signal's reason once it aborts. */
  start(signal?: AbortSignal): Promise<void>;
  /** Suspends it until `resume`. */
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
}

export interface RunningServers {
  readonly addresses: ServerAddresses;
  /** The processes that run now. */
  readonly processes: readonly { readonly name: ServerName; readonly pid: number }[];
  /** The servers that are child processes. */
  readonly servers: ReadonlyMap<ServerName, ManagedServer>;
  /** The servers that can be broken: processes or containers of this start. */
  readonly breakable: ReadonlyMap<ServerName, BreakableServer>;
  /** Resolves when a server exits unexpectedly, with the end of its log. */
  readonly failed: Promise<Error>;
  /** Stops all of them in order. May be called more than once. */
  stop(): Promise<void>;
}
