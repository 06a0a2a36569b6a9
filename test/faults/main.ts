/** `npm run test:faults`: the long form of the fault campaign, and mutations that show that each safeguard is needed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runMutations } from './mutations/run.ts';

const HELP = `npm run test:faults -- [options]

  --seed n      seed of the random schedule (default: random, printed)
  --rounds m    rounds of the random schedule, five faults each (default 40: 200 faults)
  --only what   "campaign" runs only the random schedule, "cases" only the named cases, any other text the cases whose name contains it
  --mutations   removes each safeguard in a copy of the project and expects its case to fail; --only limits the cases
`;

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      rounds: { type: 'string', default: '40' },
      only: { type: 'string' },
      mutations: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.mutations) return runMutations(PROJECT, values.only);
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
