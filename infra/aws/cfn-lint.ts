/** cfn-lint, AWS's own check of templates. */
import { findingsOf, findPythonProgram } from '../python-program.ts';

const PROGRAM = { name: 'cfn-lint', version: '1.58.0' } as const;

/** "DependsOn that a reference implies already": the CDK writes it on purpose, and it does no harm. */
const IGNORED = ['W3005'];

/** Where cfn-lint is; null if it can't be had here. */
export function findCfnLint(): Promise<string | null> {
  return findPythonProgram(PROGRAM);
}

/** What cfn-lint finds in templates, one finding a line; empty if nothing. @throws if it can't be run. */
export function lintTemplates(cfnLint: string, files: readonly string[]): Promise<string[]> {
  return findingsOf(cfnLint, ['--format', 'parseable', '--ignore-checks', ...IGNORED, '--', ...files]);
}
