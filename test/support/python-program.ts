/** Checkers written in Python, each installed into its own virtual environment if Python and a package index are available. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sha256 } from '../../infra/local/servers/artifacts.ts';
import { runProgram } from '../../infra/local/servers/program.ts';
import { SetupError } from '../../infra/local/servers/setup-error.ts';

const FOLDER = fileURLToPath(new URL('../../.local/python', import.meta.url));
/** Fails if Python is too old or can't create virtual environments. */
const PYTHON_TEST = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))';
/** pip retries an unreachable package index for a long time. */
const INSTALLED_WITHIN_MS = 12 * 60_000;

/** A program with the name of its package. */
export interface PythonProgram {
  readonly name: string;
  readonly version: string;
}

/**
 * Returns the path of a program, installing it in its own virtual environment the first time.
 *
 * @param report Called before an installation.
 * @throws SetupError with what is missing.
 */
export async function requirePythonProgram(
  { name, version }: PythonProgram,
  report: (line: string) => void = () => {},
): Promise<string> {
  const environment = await requirePythonEnvironment(`${name}-${version}`, [`${name}==${version}`], report);
  return path.join(environment, 'bin', name);
}

/**
 * Returns the path of a virtual environment with some packages, creating it the first time.
 *
 * @param folder Names the environment.
 * @param requirements As pip takes them: `httpx==0.28.1`.
 * @param report Called before an installation.
 * @throws SetupError with what is missing.
 */
export async function requirePythonEnvironment(
  folder: string,
  requirements: readonly string[],
  report: (line: string) => void = () => {},
): Promise<string> {
  const name = requirements.join(' ').replaceAll('==', ' ');
  return createEnvironment(path.join(FOLDER, folder), name, requirements, report);
}

/**
 * Returns the Python of a virtual environment with the packages of a requirements file, creating it the first time and when
 * the file has changed. Where the file has hashes, pip installs nothing else.
 *
 * @param folder Names the environment.
 * @param file Absolute path of the requirements file.
 * @param report Called before an installation.
 * @throws SetupError with what is missing.
 */
export async function requireLockedEnvironment(
  folder: string,
  file: string,
  report: (line: string) => void = () => {},
): Promise<string> {
  const environment = path.join(FOLDER, `${folder}-${(await sha256(file)).slice(0, 12)}`);
  await createEnvironment(environment, path.basename(file), ['-r', file], report);
  return path.join(environment, 'bin/python');
}

async function createEnvironment(
  environment: string,
  name: string,
  requirements: readonly string[],
  report: (line: string) => void,
): Promise<string> {
  if (await isInstalled(environment)) return environment;
  const signal = AbortSignal.timeout(INSTALLED_WITHIN_MS);
  const python = await findPython(name, signal);
  report(`Installing ${name} (once)`);
  const steps = [
    [python, '-m', 'venv', '--clear', environment],
    [path.join(environment, 'bin/python'), '-m', 'pip', 'install', '--quiet', ...requirements],
  ] as const;
  for (const [file, ...args] of steps) {
    const { ok, output } = await runProgram(file, args, { signal });
    if (ok) continue;
    await rm(environment, { recursive: true, force: true });
    throw new SetupError(`${name} could not be installed: ${output.split('\n').slice(-3).join(' ')}`);
  }
  await markInstalled(environment);
  return environment;
}

/** Whether the environment is complete. Its programs contain its absolute path, so a moved one doesn't count. */
export async function isInstalled(environment: string): Promise<boolean> {
  return (await readFile(mark(environment), 'utf8').catch(() => '')) === environment;
}

/** Marks a virtual environment as complete. It is valid in this folder only. */
export async function markInstalled(environment: string): Promise<void> {
  await writeFile(mark(environment), environment);
}

function mark(environment: string): string {
  return path.join(environment, 'made-at');
}

/** Returns the path of a program, or null if it can't be installed here. @throws errors that aren't about its installation. */
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
    `${program} needs Python 3.10 or later with its venv module: install it and put it on PATH.`,
  );
}

const run = promisify(execFile);

/** Returns a checker's diagnostics, one a line; empty if there are none. @throws if it can't be run. */
export async function diagnosticsOf(program: string, args: readonly string[]): Promise<string[]> {
  try {
    await run(program, [...args]);
    return [];
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : '';
    if (output === '') throw error;
    return output.split('\n');
  }
}
