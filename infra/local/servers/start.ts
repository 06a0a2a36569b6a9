import { startContainers } from './docker/containers.ts';
import { findDockerEngine } from './docker/engine.ts';
import { checkExternal, readExternalAddresses } from './external.ts';
import { startNative } from './native.ts';
import type { RunningServers, ServerMode, StartServersOptions } from './running-servers.ts';
import { SetupError } from './setup-error.ts';

/**
 * Chooses where the servers run unless an option says so: in containers if a Docker engine answers, otherwise as processes. Logs why an
 * installed Docker can't be used.
 */
export async function chooseServers(
  asked: ServerMode | 'auto',
  report: (line: string) => void,
): Promise<ServerMode> {
  if (asked !== 'auto') return asked;
  const status = await findDockerEngine();
  if (status.state === 'ready') {
    report(
      `The Docker engine ${status.engine.version} answers: the servers run in containers, with data of their own ` +
        '(for processes: npm start -- --servers native).',
    );
    return 'docker';
  }
  if (status.state === 'unusable')
    report(`${status.message}: the servers run as processes, with data of their own.`);
  return 'native';
}

/**
 * Starts Kafka, MySQL and DynamoDB on the loopback interface and waits until each handles requests. Processes never outlive
 * this one, however it ends. Containers are stopped by Docker's command; if that is killed too, they run until the next
 * start.
 *
 * @throws SetupError with the remedy for a missing prerequisite; the signal's reason after an abort.
 */
export async function startServers(options: StartServersOptions): Promise<RunningServers> {
  if (options.mode === 'external') return useExternal(options);
  return options.mode === 'native' ? startNative(options) : startContainers(options);
}

async function useExternal(options: StartServersOptions): Promise<RunningServers> {
  if (options.fresh) {
    throw new SetupError(
      "--fresh can't empty external servers: leave it out, or start servers of your own with --servers native.",
    );
  }
  const addresses = readExternalAddresses();
  await checkExternal(addresses);
  return {
    addresses,
    processes: [],
    servers: new Map(),
    breakable: new Map(),
    failed: new Promise(() => {}),
    stop: async () => {},
  };
}
