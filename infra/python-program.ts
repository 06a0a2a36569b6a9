/** Programs in Python that check things: brought into a folder of the project where Python and a package index are. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runProgram } from './local/servers/command.ts';
import { SetupError } from './local/servers/setup-error.ts';

const FOLDER = fileURLToPath(new URL('../.local/python', import.meta.url));
/** Fails where Python is too old or can't make virtual environments. */
const PYTHON_TEST = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))';
/** A package index that doesn't answer is tried again for long. */
const INSTALLED_WITHIN_MS = 12 * 60_000;

/** A program that has the name of its package. */
export interface PythonProgram {
  readonly name: string;
  readonly version: string;
}

/**
 * The path of a program: in a virtual environment of its own, made the first time.
 *
 * @param report Is told when something is installed.
 * @throws SetupError saying what is missing.
 */
export async function requirePythonProgram(
  { name, version }: PythonProgram,
  report: (line: string) => void = () => {},
): Promise<string> {
  const environment = path.join(FOLDER, `${name}-${version}`);
  const program = path.join(environment, 'bin', name);
  if (await isInstalled(environment)) return program;
  const signal = AbortSignal.timeout(INSTALLED_WITHIN_MS);
  const python = await findPython(name, signal);
  report(`Installing ${name} ${version} (once)`);
  const steps = [
    [python, '-m', 'venv', '--clear', environment],
    [path.join(environment, 'bin/python'), '-m', 'pip', 'install', '--quiet', `${name}==${version}`],
  ] as const;
  for (const [file, ...args] of steps) {
    const { ok, output } = await runProgram(file, args, { signal });
    if (ok) continue;
    await rm(environment, { recursive: true, force: true });
    throw new SetupError(`${name} could not be installed: ${output.split('\n').slice(-3).join(' ')}`);
  }
  await markInstalled(environment);
  return program;
}

/** Its programs name it by its path: one that was moved with the checkout is none, nor is one left half made. */
export async function isInstalled(environment: string): Promise<boolean> {
  return (await readFile(mark(environment), 'utf8').catch(() => '')) === environment;
}

export async function markInstalled(environment: string): Promise<void> {
  await writeFile(mark(environment), environment);
}

function mark(environment: string): string {
  return path.join(environment, 'made-at');
}

/** Where a program is; null if it can't be had here. */
export async function findPythonProgram(wanted: PythonProgram): Promise<string | null> {
  try {
    return await requirePythonProgram(wanted);
  } catch (error) {
    if (error instanceof SetupError) return null;
    throw error;
  }
}

async function findPython(program: string, signal: AbortSignal): Promise<string> {
  for (const name of ['python3', 'python']) {
    if ((await runProgram(name, ['-c', PYTHON_TEST], { signal })).ok) return name;
  }
  throw new SetupError(
    `${program} needs Python 3.10 or later with its venv module, and there is none on PATH: install it.`,
  );
}

const run = promisify(execFile);

/** What a program finds in files: its output, a finding a line; empty if nothing. @throws if it can't be run. */
export async function diagnosticsOf(program: string, args: readonly string[]): Promise<string[]> {
  try {
    await run(program, [...args]);
    return [];
  } catch (error) {
    const findings = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : '';
    if (findings === '') throw error;
    return findings.split('\n');
  }
}
