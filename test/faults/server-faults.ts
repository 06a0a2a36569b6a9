import type { ServerName } from '../../infra/local/servers/addresses.ts';
import type { ManagedServer } from '../../infra/local/servers/managed-server.ts';
import { identify } from '../../infra/local/servers/process-identity.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

/** A server as a case sees it: its process and the proxy in front of it. */
export interface FaultyServer {
  readonly name: ServerName;
  readonly process: ManagedServer;
  readonly proxy: TcpProxy;
}

export const serverNames = ['mysql', 'kafka', 'dynamodb'] as const satisfies readonly ServerName[];

export const outages = ['away', 'killed', 'frozen', 'slow', 'cut', 'lossy'] as const;
/**
 * `away`: refuses connections. `killed`: SIGKILL, then started again. `frozen`: SIGSTOP. `slow`: a round trip takes 500 ms
 * more. `cut`: connections break repeatedly. `lossy`: connections drop their data silently.
 */
export type Outage = (typeof outages)[number];

/** Outages during which the server can't answer at all. */
export const isTotal = (outage: Outage) => ['away', 'killed', 'frozen', 'lossy'].includes(outage);

const SLOWER_BY_MS = 500;
const CUT_EVERY_MS = 300;

/** Text that appears in requests when sales reach the server. */
const SALES: Readonly<Record<ServerName, string>> = {
  mysql: 'INSERT INTO kafka_events',
  kafka: '"event_id"',
  dynamodb: 'day_received',
};

/** Starts an outage. @returns a function that ends it and resolves when the server serves again. */
export async function startOutage(
  { name, process: server, proxy }: FaultyServer,
  outage: Outage,
): Promise<() => Promise<void>> {
  switch (outage) {
    case 'away':
      proxy.cut();
      return async () => proxy.restore();
    case 'killed':
      await server.kill();
      return () => server.start();
    case 'frozen':
      return freeze(server);
    case 'slow':
      proxy.delay(SLOWER_BY_MS);
      return async () => proxy.delay(0);
    case 'cut': {
      // First at the worst moment, then periodically.
      const ignore = proxy.onceSent(SALES[name], proxy.breakConnections);
      const timer = setInterval(proxy.breakConnections, CUT_EVERY_MS);
      return async () => {
        ignore();
        clearInterval(timer);
      };
    }
    case 'lossy':
      proxy.swallow(true);
      return async () => proxy.swallow(false);
  }
}

/** Ends outages that a failed case left behind; the following cases need the server. */
export async function heal({ process: server, proxy }: FaultyServer): Promise<void> {
  proxy.heal();
  if (server.pid !== null) signalProcess(server.pid, 'SIGCONT');
  await startIfEnded(server);
}

/** Starts a server that was killed or exited, as Kafka does when it can't write. */
export async function startIfEnded(server: ManagedServer): Promise<void> {
  if (server.pid !== null && identify(server.pid) !== null) return;
  await server.kill();
  await server.start();
}

function freeze({ pid }: ManagedServer): () => Promise<void> {
  // Another fault may have killed it.
  if (pid === null) return async () => undefined;
  signalProcess(pid, 'SIGSTOP');
  return async () => signalProcess(pid, 'SIGCONT');
}

/** Signals a process that another fault may have killed meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process is gone, so there is nothing to signal.
  }
}
