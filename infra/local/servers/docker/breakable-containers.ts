import { open } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ServerName } from '../addresses.ts';
import type { BreakableServer } from '../managed-server.ts';
import { waitUntilReady } from '../readiness.ts';
import type { ComposeProject } from './compose.ts';

/** Containers that are broken on purpose, and work again on the same data. */

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

const EXIT = /^(?:\S*-)?([a-z]+)-\d+ +exited with code (\d+)/;

/**
 * The exit of a container that a line of Compose's output reports: `kafka-1 exited with code 1`. Older releases put the project's
 * name in front, newer ones a control sequence, even into a file (2.40).
 */
export function exitIn(line: string): { readonly service: string; readonly code: string } | null {
  const [, service, code] = EXIT.exec(stripVTControlCharacters(line)) ?? [];
  return service === undefined || code === undefined ? null : { service, code };
}

const EVERY_MS = 1_000;

export type ExitWatch = ReturnType<typeof watchExits>;

/**
 * Watches the output of `docker compose up` for containers that exit. Its option that ends all of them as soon as one does would
 * also end those beside a container that is killed on purpose.
 */
export function watchExits() {
  /** Exits by a `kill` that haven't been seen yet, by service. */
  const expected = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  function seen(service: string, onExit: (service: string) => void): void {
    const due = expected.get(service) ?? 0;
    if (due > 0) expected.set(service, due - 1);
    else if (!isStopped) onExit(service);
  }

  return {
    /** Reports each container that exits unexpectedly. @param logFile Where the output is written. */
    follow(logFile: string, onExit: (service: string) => void): void {
      let offset = 0;
      let rest = '';
      const read = async () => {
        const text = await readFrom(logFile, offset);
        offset += text.length;
        const lines = (rest + text.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const exit = exitIn(line);
          if (exit) seen(exit.service, onExit);
        }
      };
      const poll = async () => {
        await read().catch(() => undefined);
        if (!isStopped) timer = setTimeout(poll, EVERY_MS).unref();
      };
      void poll();
    },
    /** A container is about to be killed. */
    expect(service: string): void {
      expected.set(service, (expected.get(service) ?? 0) + 1);
    },
    /** A container that should have been killed was not. */
    unexpect(service: string): void {
      expected.set(service, Math.max(0, (expected.get(service) ?? 0) - 1));
    },
    stop(): void {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

async function readFrom(path: string, offset: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - offset)), 0, null, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
