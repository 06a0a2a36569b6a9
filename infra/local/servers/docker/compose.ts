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
   * @throws SetupError if an image can't be pulled.
   */
  pull(services: readonly string[], options: PullOptions): Promise<void>;
  /** The command that runs services in the foreground, and exits when none of them runs any more. */
  up(services: readonly string[]): Pick<WatchedCommand, 'file' | 'args' | 'env'>;
  /**
   * Changes the container of one service: `kill` is SIGKILL, `pause` freezes its processes.
   *
   * @throws SetupError if Docker can't.
   */
  control(how: 'kill' | 'start' | 'pause' | 'unpause', service: string): Promise<void>;
  /** Stops all containers; the volumes stay. @throws SetupError if Docker can't. */
  stop(): Promise<void>;
  /** Removes containers and volumes. @throws SetupError if Docker can't. */
  remove(): Promise<void>;
}

export interface PullOptions {
  readonly signal: AbortSignal;
  /** Receives progress, one line at a time. */
  readonly report: (line: string) => void;
  /** The alternative, as part of a sentence. */
  readonly otherwise: string;
}

const PULL_REPORT_MS = 10_000;
const END_WITHIN_MS = 60_000;

/** The project of a data directory. */
export function composeProject(
  docker: string,
  dataDirectory: string,
  variables: ComposeVariables,
): ComposeProject {
  const base = [
    'compose',
    '--ansi',
    'never',
    '--file',
    COMPOSE_FILE,
    '--project-name',
    projectName(dataDirectory),
  ];
  // A command that names a service needs the service's profile.
  const all = [...base, '--profile', 'localstack', '--profile', 'monitoring'];
  // Docker Compose requires the password even if no service in question needs it.
  const env = { MYSQL_PASSWORD: 'none', ...variables };
  const run = (args: readonly string[], signal: AbortSignal, onLine?: (line: string) => void) =>
    runProgram(docker, args, { env, signal, ...(onLine === undefined ? {} : { onLine }) });

  const end = async (args: readonly string[]) => {
    const { ok, output } = await run([...all, ...args], AbortSignal.timeout(END_WITHIN_MS));
    if (!ok) throw new SetupError(`Docker could not stop the servers' containers: ${lastLine(output)}`);
  };

  return {
    async pull(services, { signal, report, otherwise }) {
      const args = [...all, 'pull', '--policy', 'missing', ...services];
      const { ok, output } = await run(args, signal, pullProgress(services, report));
      signal.throwIfAborted();
      if (!ok) throw pullError(output, otherwise);
    },
    up: (services) => ({
      file: docker,
      args: [...all, 'up', '--no-color', '--pull', 'never', ...services],
      env,
    }),
    async control(how, service) {
      const { ok, output } = await run([...all, how, service], AbortSignal.timeout(END_WITHIN_MS));
      if (!ok)
        throw new SetupError(`Docker could not ${how} the container of ${service}: ${lastLine(output)}`);
    },
    stop: () => end(['stop', '--timeout', '30']),
    remove: () => end(['down', '--volumes', '--remove-orphans', '--timeout', '10']),
  };
}

/** Distinct for each clone, and stable, so that a clone finds its volumes again. */
function projectName(dataDirectory: string): string {
  return `rtm-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)}`;
}

/**
 * Reports each image that is pulled and, at most every ten seconds, a line of Docker's own progress. A pull has no time
 * limit: an image of some hundred megabytes takes as long as the connection needs, and Ctrl-C aborts it.
 */
function pullProgress(services: readonly string[], report: (line: string) => void): (line: string) => void {
  let reported = Date.now();
  return (line) => {
    const [service = '', state = ''] = line.trim().split(/\s+/);
    const isService = services.includes(service) && /^Pull(ing|ed)$/.test(state);
    if (!isService && Date.now() - reported < PULL_REPORT_MS) return;
    reported = Date.now();
    report(`  Docker: ${line.trim()}`);
  };
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
