/** Whether the tests' servers run as processes or in containers. */
import * as z from 'zod';
import { findDockerEngine } from '../../infra/local/servers/docker/engine.ts';
import { findJava, REQUIRED_JAVA } from '../../infra/local/servers/java.ts';

export type TestServerMode = 'native' | 'docker';

const asked = z
  .enum(['native', 'docker'], {
    error: () => 'SERVERS must be native or docker (the servers that the tests run on)',
  })
  .optional();

/** What this machine has; tests can override it. */
export interface ServerMachine {
  hasJava(): Promise<boolean>;
  hasDocker(): Promise<boolean>;
}

const thisMachine: ServerMachine = {
  hasJava: hasJavaForServers,
  hasDocker: async () => (await findDockerEngine()).state === 'ready',
};

export async function hasJavaForServers(): Promise<boolean> {
  return ((await findJava())?.release ?? 0) >= REQUIRED_JAVA;
}

/**
 * Processes, unless `SERVERS` asks for containers or this machine has nothing else. With Java containers are never
 * chosen automatically, so that the same command tests the same on every machine.
 *
 * @param setting From the environment; empty counts as unset.
 */
export async function chooseTestServers(
  setting: string | undefined,
  report: (line: string) => void,
  machine = thisMachine,
): Promise<TestServerMode> {
  const mode = asked.parse(setting || undefined);
  if (mode !== undefined) return mode;
  if ((await machine.hasJava()) || !(await machine.hasDocker())) return 'native';
  report('There is no Java, but a Docker engine answers: the tests run on servers in containers.');
  return 'docker';
}
