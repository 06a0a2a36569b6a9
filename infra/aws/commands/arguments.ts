import { parseArgs } from 'node:util';

/** The command line is invalid. The message includes the usage. */
export class UsageError extends Error {
  constructor(usage: string, cause?: unknown) {
    const reason = cause instanceof Error ? `${cause.message}\n` : '';
    super(`${reason}${usage}`, { cause });
    this.name = 'UsageError';
  }
}

/** The arguments of a command: at most one word, and options with a value. */
export interface CommandLine {
  readonly word: string | undefined;
  readonly options: Readonly<Record<string, string | undefined>>;
}

/** @throws UsageError for unknown options and for more than one word. */
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

/** Runs a command. A failure is reported in one line on standard error, with exit code 1. */
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
