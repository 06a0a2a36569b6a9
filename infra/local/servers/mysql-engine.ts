import type { Package } from './packages.ts';
import { type ProgramOptions, type ProgramResult, programFolders } from './program.ts';

/** A server that speaks MySQL's protocol: Oracle's MySQL or MariaDB. Neither can read the other's data folder. */
export interface MysqlEngine {
  readonly kind: 'mysql' | 'mariadb';
  /** Name and version, for messages. */
  readonly title: string;
  /** Path of the server's program. */
  readonly server: string;
  /** Packages that must be in the cache before the server can run. */
  readonly packages: readonly Package[];
  /** The options that the other engine doesn't know. @param directory The server's own folder. */
  serverOptions(directory: string): readonly string[];
  /** Populates the data folder. @param options The server's options for its paths. */
  install(options: readonly string[], place: ProgramOptions): Promise<ProgramResult>;
}

/** Folders where packages and people install server programs. */
export function mysqlFolders(): string[] {
  return [...programFolders(), '/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/mysql/bin'];
}
