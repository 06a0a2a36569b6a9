import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeContainers } from '../../infra/local/servers/docker/containers.ts';
import type { RunningServers } from '../../infra/local/servers/managed-server.ts';
import { identify } from '../../infra/local/servers/process-identity.ts';
import { startServers } from '../../infra/local/servers/start.ts';
import type { TestServerMode } from './server-modes.ts';

const ROOT = fileURLToPath(new URL('../../.local/test/', import.meta.url));

export interface OwnServers {
  readonly running: RunningServers;
  /** Stops them and deletes their data. */
  stop(): Promise<void>;
}

/**
 * Starts empty servers in a folder of their own, so that two runs in one clone don't collide. They end with this process,
 * however it ends.
 */
export async function startOwnServers(
  report: (line: string) => void,
  mode: TestServerMode = 'native',
): Promise<OwnServers> {
  await sweep();
  const dataDirectory = join(ROOT, String(process.pid));
  const running = await startServers({ dataDirectory, mode, fresh: true, temporary: true, report });
  running.failed.then((error) => report(error.message));
  return {
    running,
    async stop() {
      await running.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Deletes the data of interrupted runs. Each folder is named after its run's process. */
async function sweep(): Promise<void> {
  for (const name of listRuns()) {
    if (identify(Number(name)) !== null) continue;
    const isEmpty = await removeContainers(join(ROOT, name));
    if (isEmpty) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
}

function listRuns(): string[] {
  try {
    return readdirSync(ROOT);
  } catch {
    return [];
  }
}
