import type { ServerAddresses, ServerName } from './addresses.ts';
import type { ManagedServer } from './managed-server.ts';
import type { MysqlEngine } from './mysql-engine.ts';

/**
 * `native`: started here as child processes. `docker`: as containers. `localstack`: as containers, with LocalStack's DynamoDB
 * and nothing kept. `external`: running already, addresses in the environment.
 */
export const serverModes = ['native', 'docker', 'localstack', 'external'] as const;
export type ServerMode = (typeof serverModes)[number];

export interface StartServersOptions {
  /** Holds all that the servers keep; made if it isn't there. */
  readonly dataDirectory: string;
  readonly mode: ServerMode;
  /** Begins with empty servers. Empties the whole data directory. */
  readonly fresh: boolean;
  /** Takes progress, a line at a time. */
  readonly report: (line: string) => void;
  /** Ends the start; what was started already is ended too. */
  readonly signal?: AbortSignal;
  /** Processes only: the server behind "MySQL"; by default the one that `MYSQLD` names, otherwise MariaDB. */
  readonly mysqlEngine?: MysqlEngine;
  /** Containers only: `stop` removes their data too. A native server's is in the data directory. */
  readonly temporary?: boolean;
}

export interface RunningServers {
  readonly addresses: ServerAddresses;
  /** The processes that run now. */
  readonly processes: readonly { readonly name: ServerName; readonly pid: number }[];
  /** Each server that is a process of ours. */
  readonly servers: ReadonlyMap<ServerName, ManagedServer>;
  /** Resolves when a server has ended by itself, with what its log says. */
  readonly failed: Promise<Error>;
  /** Ends all of them in order. May be called more than once. */
  stop(): Promise<void>;
}
