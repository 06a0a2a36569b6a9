import { findDockerEngine } from './docker/engine.ts';
import type { ServerMode } from './start.ts';

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
