/** Containers that are broken on purpose, and work again on the same data. */
import type { ServerName } from '../addresses.ts';
import { waitUntilReady } from '../readiness.ts';
import type { BreakableServer } from '../running-servers.ts';
import type { ComposeProject } from './compose.ts';
import type { ExitWatch } from './exits.ts';

/** MySQL prepares its data at the first start, which takes a minute on a slow disk. */
export const READY_WITHIN_MS = 180_000;

export interface BreakableContext {
  readonly project: Pick<ComposeProject, 'control'>;
  /** Killed on purpose and not started again. */
  readonly down: Set<string>;
  readonly exits: Pick<ExitWatch, 'expect' | 'unexpect'>;
  /** Whether Docker Compose runs in the foreground; it exits when all containers have been killed. */
  isForeground(): boolean;
  /** Runs a service in the foreground, together with those that aren't down. */
  up(service: string): Promise<void>;
  readonly probes: Readonly<Record<ServerName, () => Promise<void>>>;
  /** Aborts the wait for a container that was started again. */
  readonly signal: AbortSignal;
}

/** @returns What breaks each of some servers, by their names, which are those of their services. */
export function breakableContainers(
  names: readonly ServerName[],
  { project, down, exits, isForeground, up, probes, signal }: BreakableContext,
): ReadonlyMap<ServerName, BreakableServer> {
  /** Set while Docker Compose is being started again: containers killed together are started at nearly the same time. */
  let starting: Promise<void> | undefined;

  async function run(name: ServerName): Promise<void> {
    if (starting === undefined && !isForeground()) {
      starting = up(name).finally(() => {
        starting = undefined;
      });
      return starting;
    }
    await starting;
    await project.control('start', name);
  }

  async function kill(name: ServerName): Promise<void> {
    down.add(name);
    exits.expect(name);
    try {
      await project.control('kill', name);
    } catch (error) {
      down.delete(name);
      exits.unexpect(name);
      // After a timeout the container may have been killed all the same. The first error is the one to report.
      await run(name).catch(() => undefined);
      throw error;
    }
  }

  async function start(name: ServerName, aborted: AbortSignal): Promise<void> {
    await run(name);
    down.delete(name);
    await waitUntilReady(probes[name], READY_WITHIN_MS, AbortSignal.any([signal, aborted]));
  }

  return new Map(
    names.map((name): [ServerName, BreakableServer] => [
      name,
      {
        kill: () => kill(name),
        start: (aborted = signal) => start(name, aborted),
        pause: () => project.control('pause', name),
        resume: () => project.control('unpause', name),
      },
    ]),
  );
}
