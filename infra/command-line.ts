import { parseArgs } from 'node:util';

/** What the command lines of `infra/` share: reading arguments, and reporting a failure in one line. */

/** The command line is invalid. The message includes the usage. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** The arguments of a command: at most one word, options with a value, and flags. */
export interface CommandLine {
  readonly word: string | undefined;
  readonly options: Readonly<Record<string, string | undefined>>;
  /** The names of the flags that are set. */
  readonly flags: ReadonlySet<string>;
}

/** @throws UsageError for unknown options and for more than one word. */
export function readCommandLine(
  args: readonly string[],
  { options: optionNames, flags: flagNames = [] }: { options: readonly string[]; flags?: readonly string[] },
  usage: string,
): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }])),
        ...Object.fromEntries(flagNames.map((name) => [name, { type: 'boolean' as const }])),
      },
    });
    if (positionals.length > 1) throw new Error(`Unexpected "${positionals[1]}".`);
    const options = Object.entries(values).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    const flags = Object.keys(values).filter((name) => values[name] === true);
    return { word: positionals[0], options: Object.fromEntries(options), flags: new Set(flags) };
  } catch (error) {
    const reason = error instanceof Error ? `${error.message}\n` : '';
    throw new UsageError(`${reason}${usage}`, { cause: error });
  }
}

/** Runs a command. A failure is reported in one line on standard error, with exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Writes a line to standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A signal asked this process to end. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`Ended by ${signal}.`);
    this.name = 'Interrupted';
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes Ctrl-C on to its child, which also gets it from the terminal: only a later signal counts as a second one. */
const SECOND_AFTER_MS = 1_000;

/** How often a process started by npm checks that npm is alive. */
const PARENT_POLL_MS = 1_000;

/**
 * Returns a signal that aborts with an {@link Interrupted} at the first SIGINT, SIGTERM or SIGHUP. A second one exits at once.
 *
 * If npm started this process, it also aborts when npm is killed, because it couldn't be stopped otherwise.
 *
 * @param onFirst Called when the shutdown begins.
 */
export function abortOnSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const end = (reason: string) => {
    first = Date.now();
    onFirst();
    controller.abort(new Interrupted(reason));
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!controller.signal.aborted) end(signal);
      else if (Date.now() - first > SECOND_AFTER_MS) process.exit(130);
    });
  }
  if (process.env.npm_lifecycle_event !== undefined)
    watchParent(controller.signal, () => end('the end of npm'));
  return controller.signal;
}

function watchParent(signal: AbortSignal, onDeath: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    if (!signal.aborted) onDeath();
  }, PARENT_POLL_MS);
  timer.unref();
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
