/** `npm run test:faults`: the fault campaign in its long form, and the proof that each protection is needed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prove } from './mutations/run.ts';

const HELP = `npm run test:faults -- [options]

  --seed n      of the random schedule; drawn and printed if left out
  --rounds m    of the random schedule, five faults each (default 40: 200 faults)
  --only what   "campaign" for the random schedule alone, "cases" for the named cases alone, or words of a case's name
  --prove       takes each protection out in a copy of the project and expects its case to fail; with --only, of these cases alone
`;

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      rounds: { type: 'string', default: '40' },
      only: { type: 'string' },
      prove: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.prove) return prove(PROJECT, values.only);
  const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000));
  const child = spawn(
    process.execPath,
    [`${PROJECT}/node_modules/vitest/vitest.mjs`, ...vitestArguments(values.only)],
    {
      cwd: PROJECT,
      stdio: 'inherit',
      env: { ...process.env, FAULTS_FORM: 'long', FAULTS_SEED: seed, FAULTS_ROUNDS: values.rounds },
    },
  );
  const [code] = await once(child, 'exit');
  return Number(code ?? 1);
}

function vitestArguments(only: string | undefined): string[] {
  const run = ['run', '--project', 'faults', '--reporter', 'verbose'];
  if (only === undefined) return run;
  if (only === 'campaign') return [...run, '--testNamePattern', 'random schedule'];
  if (only === 'cases') return [...run, '--testNamePattern', '^(?!.*random schedule)'];
  return [...run, '--testNamePattern', only];
}
