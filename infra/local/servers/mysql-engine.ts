import type { Package } from './packages.ts';
import { type ProgramOptions, type ProgramResult, programFolders } from './program.ts';

/** A server that speaks MySQL's protocol: Oracle's MySQL or MariaDB. Neither can read the other's data folder. */
export interface MysqlEngine {
  readonly kind: 'mysql' | 'mariadb';
  /** With its version, for people. */
  readonly title: string;
  /** Path of the server's program. */
  readonly server: string;
  /** What has to be in the cache before the server can run. */
  readonly packages: readonly Package[];
  /** The options that the other engine doesn't know. @param directory The server's own folder. */
  serverOptions(directory: string): readonly string[];
  /** Fills the data folder. @param options Those of the server that say where everything is. */
  install(options: readonly string[], place: ProgramOptions): Promise<ProgramResult>;
}

/** Where packages and people put server programs. */
export function mysqlFolders(): string[] {
  return [...programFolders(), '/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/mysql/bin'];
}
