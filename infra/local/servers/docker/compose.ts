/** Runs the compose file as one project of Docker's: a clone's own containers and volumes. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../program.ts';
import { SetupError } from '../setup-error.ts';
import type { WatchedCommand } from '../watchdog.ts';

export const COMPOSE_FILE = fileURLToPath(
  new URL('../../../../docker-compose.localstack.yml', import.meta.url),
);

/** The environment variables of the compose file. */
export const composeVariables = [
  'KAFKA_PORT',
  'MYSQL_PORT',
  'DYNAMODB_PORT',
  'LOCALSTACK_PORT',
  'MYSQL_PASSWORD',
  'RTM_PORT',
  'PROMETHEUS_PORT',
  'GRAFANA_PORT',
] as const;
export type ComposeVariables = Readonly<Partial<Record<(typeof composeVariables)[number], string>>>;

export interface ComposeProject {
  /**
   * Pulls the missing images of services.
   *
   * @param otherwise The alternative, as part of a sentence.
   * @throws SetupError if an image can't be pulled.
   */
  pull(services: readonly string[], signal: AbortSignal, otherwise: string): Promise<void>;
  /** The command that runs services in the foreground and exits when one of them does. */
  up(services: readonly string[]): Pick<WatchedCommand, 'file' | 'args' | 'env'>;
  /** Stops all containers; the volumes stay. */
  stop(): Promise<void>;
  /** Removes containers and volumes. */
  remove(): Promise<void>;
}

/** The images' first download on a slow line. */
const PULL_WITHIN_MS = 20 * 60_000;
const END_WITHIN_MS = 60_000;

/** The project of a data directory. */
export function composeProject(
  docker: string,
  dataDirectory: string,
  variables: ComposeVariables,
): ComposeProject {
  const base = ['compose', '--file', COMPOSE_FILE, '--project-name', projectName(dataDirectory)];
  // A command that names a service needs the service's profile.
  const all = [...base, '--profile', 'localstack', '--profile', 'monitoring'];
  // Docker Compose requires the password even if no service in question needs it.
  const env = { MYSQL_PASSWORD: 'none', ...variables };
  const run = (args: readonly string[], signal: AbortSignal) => runProgram(docker, args, { env, signal });

  const end = async (args: readonly string[]) => {
    const { ok, output } = await run([...all, ...args], AbortSignal.timeout(END_WITHIN_MS));
    if (!ok) throw new SetupError(`Docker could not stop the servers' containers: ${lastLine(output)}`);
  };

  return {
    async pull(services, outer, otherwise) {
      const signal = AbortSignal.any([outer, AbortSignal.timeout(PULL_WITHIN_MS)]);
      const { ok, output } = await run(
        [...all, 'pull', '--quiet', '--policy', 'missing', ...services],
        signal,
      );
      outer.throwIfAborted();
      if (!ok) throw pullError(output, otherwise);
    },
    up: (services) => ({
      file: docker,
      args: [...all, 'up', '--no-color', '--pull', 'never', '--abort-on-container-exit', ...services],
      env,
    }),
    stop: () => end(['stop', '--timeout', '30']),
    remove: () => end(['down', '--volumes', '--remove-orphans', '--timeout', '10']),
  };
}

/** Distinct for each clone, and stable, so that a clone finds its volumes again. */
function projectName(dataDirectory: string): string {
  return `rtm-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)}`;
}

function pullError(output: string, otherwise: string): SetupError {
  return new SetupError(
    `Docker could not pull the servers' images (${lastLine(output)}): check that the engine reaches its registry (network, proxy, ` +
      `login), or ${otherwise}.`,
  );
}

/** Docker's commands put the error there. */
function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() || 'no output';
}
