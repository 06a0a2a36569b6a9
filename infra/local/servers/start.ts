import { startContainers } from './docker/containers.ts';
import { findDockerEngine } from './docker/engine.ts';
import { checkExternal, readExternalAddresses } from './external.ts';
import { startNative } from './native.ts';
import type { RunningServers, ServerMode, StartServersOptions } from './running-servers.ts';
import { SetupError } from './setup-error.ts';

/**
 * Where the servers come from if nobody has said it: containers where a Docker engine answers, else processes. What
 * speaks against Docker is told, for whoever has it will wonder.
 */
export async function chooseServers(
  asked: ServerMode | 'auto',
  report: (line: string) => void,
): Promise<ServerMode> {
  if (asked !== 'auto') return asked;
  const look = await findDockerEngine();
  if (look.state === 'ready') {
    report(
      `The Docker engine ${look.engine.version} answers: the servers run in containers, with data of their own ` +
        '(as processes: npm start -- --servers native).',
    );
    return 'docker';
  }
  if (look.state === 'unusable') report(`${look.said}: the servers run as processes.`);
  return 'native';
}

/**
 * Brings Kafka, MySQL and DynamoDB to this machine, on the loopback interface alone, and waits until each of them serves.
 * As processes they never outlive this one, however it ends. Containers are ended when this process is killed too, but by
 * Docker's command: where that dies with it, they run until the next start.
 *
 * @throws SetupError with the remedy for what this machine lacks; the signal's reason after an abort.
 */
export async function startServers(options: StartServersOptions): Promise<RunningServers> {
  if (options.mode === 'external') return useExternal(options);
  return options.mode === 'native' ? startNative(options) : startContainers(options);
}

async function useExternal(options: StartServersOptions): Promise<RunningServers> {
  if (options.fresh) {
    throw new SetupError(
      'External servers are not emptied from here: leave --fresh out, or start own ones with --servers native.',
    );
  }
  const addresses = readExternalAddresses();
  await checkExternal(addresses);
  return {
    addresses,
    processes: [],
    servers: new Map(),
    failed: new Promise(() => {}),
    stop: async () => {},
  };
}
