import { rm, stat, writeFile } from 'node:fs/promises';
import type { ServerName } from './addresses.ts';
import type { GuardedCommand } from './guard.ts';

/** How one server is run: all that differs between the three. */
export interface ServerDefinition {
  readonly name: ServerName;
  /** Where it listens, for people. */
  readonly address: string;
  readonly command: Omit<GuardedCommand, 'logFile'>;
  /** Fails until the server really serves. */
  probe(): Promise<void>;
  /** Done when it has ended in order, not when it had to be killed. */
  afterStop?(): Promise<void>;
}

/** What a server is prepared with. */
export interface ServerContext {
  /** The server's own folder; exists. */
  readonly directory: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Prepares a server's data folder once. Until the marker stands, an earlier attempt was interrupted: what it left is removed
 * and the work begins anew.
 */
export async function prepareOnce(
  marker: string,
  folder: string,
  prepare: () => Promise<void>,
): Promise<void> {
  if (await exists(marker)) return;
  await rm(folder, { recursive: true, force: true });
  await prepare();
  await writeFile(marker, '');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
