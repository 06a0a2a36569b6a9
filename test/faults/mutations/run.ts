import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { deliveryMutations } from './deliveries.ts';
import { killedHostMutations } from './killed-host.ts';
import type { Mutation } from './mutation.ts';
import { outageMutations } from './outages.ts';

const mutations = [...killedHostMutations, ...deliveryMutations, ...outageMutations];

/**
 * Shows that each safeguard is needed: removes it in a copy of the project and runs its case, which must fail. First each
 * case must pass in the unchanged copy, within the same limits.
 *
 * @param only Parts of case names separated by `|`; default: all.
 * @returns the exit code: 0 if every case passed with its safeguard and failed without it.
 */
export async function runMutations(project: string, only = ''): Promise<number> {
  const words = only.split('|');
  const chosen = mutations.filter(({ fails }) => words.some((word) => fails.includes(word)));
  const copy = copyOf(project);
  let wrong = 0;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const check = (isRight: boolean, line: string, failure: Failure) => {
    if (!isRight) wrong += 1;
    say(`${isRight ? '' : 'WRONG: '}${failure === null ? 'passes' : 'fails'} ${line}${because(failure)}`);
  };
  try {
    const names = new Set(chosen.map(({ fails }) => fails));
    for (const [name, failure] of await failuresIn(copy, [...names]))
      check(failure === null, `with all safeguards | ${name}`, failure);
    // Identical edits are applied once for all of their cases.
    for (const [edits, same] of Map.groupBy(chosen, (mutation) => mutation.edits)) {
      const cases = same.map(({ fails }) => fails);
      const failures = await edited(copy, edits, () => failuresIn(copy, cases));
      for (const { safeguard, fails } of same) {
        const failure = failures.get(fails) ?? null;
        check(failure !== null, `without: ${safeguard} | ${fails}`, failure);
      }
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  say(`${chosen.length} safeguards removed, ${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

/** The failure message of a case; null if it passed. */
type Failure = string | null;

/** Why the case failed, in one line. */
function because(failure: Failure): string {
  return failure === null ? '' : ` | ${failure.split('\n')[0]}`;
}

/** Runs `work` with the edits applied. @throws if a text to replace doesn't appear exactly once. */
async function edited<Result>(
  copy: string,
  edits: Mutation['edits'],
  work: () => Promise<Result>,
): Promise<Result> {
  const before = new Map(edits.map(({ file }) => [file, readFileSync(join(copy, file), 'utf8')]));
  try {
    for (const { file, text, replacement } of edits) {
      const content = readFileSync(join(copy, file), 'utf8');
      if (content.split(text).length !== 2) throw new Error(`${file} does not hold this once: ${text}`);
      writeFileSync(
        join(copy, file),
        content.replace(text, () => replacement),
      );
    }
    return await work();
  } finally {
    for (const [file, content] of before) writeFileSync(join(copy, file), content);
  }
}

/**
 * How long nothing may change before a case fails: less than in the campaign, since many cases must fail here, and more than
 * the minute that a consumer may need to give up a silent connection.
 */
const STALL_SECONDS = process.env.FAULTS_STALL_SECONDS ?? '100';

const report = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/**
 * Runs the cases whose names contain these texts.
 *
 * @throws if one of them did not run, which would prove nothing.
 */
async function failuresIn(copy: string, names: readonly string[]): Promise<Map<string, Failure>> {
  const results = join(copy, 'results.json');
  rmSync(results, { force: true });
  const log = openSync(join(copy, 'output.log'), 'a');
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const reporters = ['--reporter', 'verbose', '--reporter', 'json', '--outputFile.json', results];
  const args = ['run', '--project', 'faults', '--testNamePattern', pattern, ...reporters];
  const child = spawn(process.execPath, [join(copy, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: copy,
    stdio: ['ignore', log, log],
    env: { ...process.env, FAULTS_FORM: 'long', FAULTS_STALL_SECONDS: STALL_SECONDS },
  });
  await once(child, 'exit');
  const { testResults } = report.parse(JSON.parse(readFileSync(results, 'utf8')));
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => ['passed', 'failed'].includes(status));
  return new Map(
    names.map((name) => {
      const one = ran.find(({ fullName }) => fullName.includes(name));
      if (!one) throw new Error(`No case ran that is named "${name}": see ${join(copy, 'output.log')}.`);
      return [name, one.status === 'failed' ? (one.failureMessages?.[0] ?? 'failed') : null];
    }),
  );
}

/** Copies the tracked files with their current content into an empty folder and links the packages. */
function copyOf(project: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'faults-mutations-'));
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: project, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean);
  for (const file of files) cpSync(join(project, file), join(copy, file), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
