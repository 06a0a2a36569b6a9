/** A program of a peer while it runs. It never outlives the bench. */
import { mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnWatched } from '../../../infra/local/servers/watchdog.ts';

export interface PeerProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** Default: an empty folder. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningPeer {
  /**
   * Polls until a condition holds; a condition that fails doesn't hold.
   *
   * @throws with the end of the program's output if it ends before, or after two minutes; the reason of `endPeers`.
   */
  until(condition: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

const WITHIN_MS = 120_000;
const POLL_MS = 100;
const STOP_WITHIN_MS = 10_000;
const SHOWN_CHARACTERS = 2_000;

/** Aborted when a row has taken too long; then its peers end, and it starts no others. */
let row = new AbortController();

/** Lets the next row start peers. */
export function allowPeers(): void {
  row = new AbortController();
}

/** Makes every running peer fail for a reason, and every further one. */
export function endPeers(reason: Error): void {
  row.abort(reason);
}

/** @param parent Where it gets a folder of its own, which is left there. */
export async function startPeer({ file, args, cwd, env }: PeerProgram, parent: string): Promise<RunningPeer> {
  const { signal } = row;
  signal.throwIfAborted();
  const directory = await mkdtemp(path.join(parent, 'peer-'));
  const logFile = path.join(directory, 'log');
  const running = await spawnWatched({ file, args, cwd: cwd ?? directory, logFile, ...(env ? { env } : {}) });
  let ended: string | undefined;
  void running.exited.then((reason) => {
    ended = reason;
  });
  return {
    async until(condition) {
      const limit = performance.now() + WITHIN_MS;
      while (!(await condition().catch(() => false))) {
        signal.throwIfAborted();
        if (ended === undefined && performance.now() < limit) {
          await delay(POLL_MS);
          continue;
        }
        // The cause counts, whether or not there is a log.
        const said = (await readFile(logFile, 'utf8').catch(() => '')).slice(-SHOWN_CHARACTERS);
        throw new Error(`${[file, ...args].join(' ')}: ${ended ?? 'too slow'}\n${said}`);
      }
    },
    stop: () => running.stop(STOP_WITHIN_MS),
  };
}
