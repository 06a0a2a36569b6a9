/** Whether this machine has a Docker engine that can run the compose file. */
import { findProgram, runProgram } from '../program.ts';
import { SetupError } from '../setup-error.ts';

/** An engine that answers, and its command. */
export interface DockerEngine {
  /** Path of the command `docker`. */
  readonly docker: string;
  readonly version: string;
  readonly composeVersion: string;
}

/** Whether Docker can be used; `message` is for people. */
export type DockerStatus =
  | { readonly state: 'ready'; readonly engine: DockerEngine }
  | { readonly state: 'absent' | 'unusable'; readonly message: string; readonly remedy: string };

/** An engine that takes longer hangs; on a busy machine some seconds are usual. */
const ANSWERS_WITHIN_MS = 30_000;

/** The first versions that know a health check's `start_interval`. */
const LEAST = { engine: 25, compose: '2.23' } as const;

/** Looks for a Docker engine. Doesn't start or download anything. */
export async function findDockerEngine(): Promise<DockerStatus> {
  const docker = findProgram('docker');
  if (docker === null) {
    return { state: 'absent', message: 'There is no Docker', remedy: 'install Docker and start it' };
  }
  const engine = await ask(docker, ['version', '--format', '{{.Server.Version}}']);
  if (engine === null) {
    return unusable('Docker is installed, but its engine does not answer', 'start Docker');
  }
  if (Number.parseInt(engine, 10) < LEAST.engine) {
    return unusable(`The Docker engine ${engine} is too old`, `update Docker to ${LEAST.engine} or later`);
  }
  const compose = await ask(docker, ['compose', 'version', '--short']);
  if (compose === null) {
    return unusable(
      'Docker has no Compose',
      'install the plugin docker-compose-plugin (or docker-compose-v2)',
    );
  }
  if (isOlder(compose.replace(/^v/, ''), LEAST.compose)) {
    return unusable(`Docker Compose ${compose} is too old`, `update it to ${LEAST.compose} or later`);
  }
  return { state: 'ready', engine: { docker, version: engine, composeVersion: compose } };
}

/**
 * @param otherwise The alternative, as part of a sentence: `start without it: …`.
 * @throws SetupError with the remedy if there is none.
 */
export async function requireDockerEngine(otherwise: string): Promise<DockerEngine> {
  const status = await findDockerEngine();
  if (status.state === 'ready') return status.engine;
  throw new SetupError(`${status.message}: ${status.remedy}, or ${otherwise}.`);
}

function unusable(message: string, remedy: string): DockerStatus {
  return { state: 'unusable', message, remedy };
}

/** The last line of the output; null if the command fails. Docker prints an empty version if no engine answers. */
async function ask(docker: string, args: readonly string[]): Promise<string | null> {
  const { ok, output } = await runProgram(docker, args, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  const line = output.trim().split('\n').at(-1)?.trim() ?? '';
  return ok && /^v?\d/.test(line) ? line : null;
}

/** Compares two versions by their first two numbers. */
function isOlder(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
