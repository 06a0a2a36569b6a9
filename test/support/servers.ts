import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { identify } from '../../infra/local/servers/process-identity.ts';
import { type RunningServers, startServers } from '../../infra/local/servers/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of this run: `inject('servers')`. Each suite uses a database, a topic and a table of its own. */
    servers: ServerAddresses;
  }
}

const ROOT = fileURLToPath(new URL('../../.local/test/', import.meta.url));

let running: RunningServers | undefined;
let dataDirectory: string | undefined;

/**
 * Starts empty servers once for the whole run, in a folder of its own, so that two runs in one clone don't meet. They end
 * with this process, however it ends.
 */
export async function setup(project: TestProject): Promise<void> {
  sweep();
  dataDirectory = join(ROOT, String(process.pid));
  running = await startServers({
    dataDirectory,
    mode: 'native',
    fresh: true,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  running.failed.then((error) => process.stderr.write(`${error.message}\n`));
  project.provide('servers', running.addresses);
}

export async function teardown(): Promise<void> {
  await running?.stop();
  if (dataDirectory !== undefined) rmSync(dataDirectory, { recursive: true, force: true });
}

/** Removes the data of runs that were interrupted. Each folder is named by the process of its run. */
function sweep(): void {
  for (const name of listRuns()) {
    if (identify(Number(name)) === null) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
}

function listRuns(): string[] {
  try {
    return readdirSync(ROOT);
  } catch {
    return [];
  }
}
