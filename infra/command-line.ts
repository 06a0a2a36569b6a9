/** What the command lines of `infra/` share: reading arguments, and reporting a failure in one line. */
import { parseArgs } from 'node:util';

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
