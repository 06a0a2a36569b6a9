import { parseArgs } from 'node:util';

/** The command line is not what the command takes; the message says what it takes. */
export class UsageError extends Error {
  constructor(usage: string, cause?: unknown) {
    const reason = cause instanceof Error ? `${cause.message}\n` : '';
    super(`${reason}${usage}`, { cause });
    this.name = 'UsageError';
  }
}

/** What follows the name of a command: one word, options with a value, and what is passed on after `--`. */
export interface CommandLine {
  readonly word: string | undefined;
  readonly options: Readonly<Record<string, string | undefined>>;
}

/** @throws UsageError for options that the command doesn't have, and for more than one word. */
export function readCommandLine(
  args: readonly string[],
  optionNames: readonly string[],
  usage: string,
): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }])),
    });
    if (positionals.length > 1) throw new Error(`Unexpected "${positionals[1]}".`);
    return { word: positionals[0], options: values };
  } catch (error) {
    throw new UsageError(usage, error);
  }
}

/** Runs a command; its failure is one line on standard error and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
