/** Programs in Python that check files: brought into a folder of the project where Python and a package index are. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../.local/python', import.meta.url));

/**
 * Where a program is, which has the name of its package: in a virtual environment of its own, made the first time.
 *
 * @returns null if it can't be had here.
 */
export async function findPythonProgram(name: string, version: string): Promise<string | null> {
  const environment = path.join(FOLDER, `${name}-${version}`);
  const program = path.join(environment, 'bin', name);
  if (existsSync(program)) return program;
  try {
    await run('python3', ['-m', 'venv', environment]);
    await run(path.join(environment, 'bin/pip'), ['install', '--quiet', `${name}==${version}`]);
    return program;
  } catch {
    return null;
  }
}

/** What a program finds in files: its output, a finding a line; empty if nothing. @throws if it can't be run. */
export async function findingsOf(program: string, args: readonly string[]): Promise<string[]> {
  try {
    await run(program, [...args]);
    return [];
  } catch (error) {
    const findings = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : '';
    if (findings === '') throw error;
    return findings.split('\n');
  }
}
