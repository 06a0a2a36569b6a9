/** cfn-lint, AWS's own check of templates: a Python program, brought into a folder of the project where Python is. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = '1.58.0';
const VENV = fileURLToPath(new URL('../../.local/cfn-lint', import.meta.url));
const INSTALLED = path.join(VENV, 'bin/cfn-lint');

/** "DependsOn that a reference implies already": the CDK writes it on purpose, and it does no harm. */
const IGNORED = ['W3005'];

/**
 * Where cfn-lint is: in the project's folder, into which it is installed if Python and a package index are at hand.
 *
 * @returns null if it can't be had here.
 */
export async function findCfnLint(): Promise<string | null> {
  if (existsSync(INSTALLED)) return INSTALLED;
  try {
    await run('python3', ['-m', 'venv', VENV]);
    await run(path.join(VENV, 'bin/pip'), ['install', '--quiet', `cfn-lint==${VERSION}`]);
    return INSTALLED;
  } catch {
    return null;
  }
}

/** What cfn-lint finds in templates, one finding a line; empty if nothing. @throws if it can't be run. */
export async function lintTemplates(cfnLint: string, files: readonly string[]): Promise<string[]> {
  try {
    await run(cfnLint, ['--format', 'parseable', '--ignore-checks', ...IGNORED, '--', ...files]);
    return [];
  } catch (error) {
    const findings = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : '';
    if (findings === '') throw error;
    return findings.split('\n');
  }
}
