/**
 * The one command line of this project: `npm start`, `npm test` and every other script of package.json come here, as
 * `node infra/local/cli/main.js <command> [arguments]`.
 *
 * It installs the packages when the lock file has changed, then runs the command on Node 24. Plain JavaScript without
 * dependencies, because the first run happens before there are packages, on whatever Node is on PATH (20 or later).
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installPackages, Problem, REQUIRED_NODE } from './install.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 1_000;
/** Set for a run on the Node of the packages: where that is too old as well, it would run itself again without end. */
const RERUN = 'RTM_RUN_AGAIN';

/** By name: what it does, and either the module to run or the programs to run one after the other. */
const COMMANDS = {
  start: ['the whole system on this machine, until Ctrl-C', { module: 'infra/local/cli/start.ts' }],
  'deploy:local': [
    'the same with a table, bucket and token deployed to LocalStack',
    { module: 'infra/local/cli/start.ts', args: ['--servers', 'localstack'] },
  ],
  doctor: ['what is installed, what is missing, and the remedy', { module: 'infra/local/cli/doctor.ts' }],
  'dead-letters': ['messages that could not be read', { module: 'infra/local/cli/dead-letters.ts' }],
  'prune-runs': ['deletes the events of past runs', { module: 'infra/local/cli/prune-runs.ts' }],
  'mysql-server': [
    "brings Oracle's MySQL from Debian's packages, to run the tests on it",
    { module: 'test/mysql-server/main.ts' },
  ],
  monitoring: ['Prometheus and Grafana in containers', { module: 'infra/local/cli/monitoring.ts' }],
  dataset: [
    'checks a data set without starting anything; converts M5',
    { module: 'infra/local/cli/dataset.ts' },
  ],
  generate: ['writes a generated data set', { programs: [['node', join(ROOT, 'data/generate.ts')]] }],

  test: ['every test', { programs: [['vitest', 'run']] }],
  'test:unit': [
    'the fast tests alone, without servers',
    { programs: [['vitest', 'run', '--project', 'unit']] },
  ],
  'test:coverage': [
    'every test, with a report of coverage by top-level folder',
    { module: 'test/coverage/main.ts' },
  ],
  'test:faults': ['a campaign of injected faults', { module: 'test/faults/main.ts' }],
  'test:viewers': ['a thousand reconnecting viewers', { module: 'test/viewers/main.ts' }],
  'test:ric': ["every bundle under AWS's own runtime client", { module: 'test/ric/main.ts' }],
  'test:clicks': [
    'ten thousand clicks at once',
    {
      programs: [['vitest', 'run', '--project', 'integration', 'test/integration/system/clicks.test.ts']],
      env: { FULL_CLICKS: '1' },
    },
  ],
  'test:clients': [
    'the stream with client libraries and browsers from elsewhere',
    { module: 'test/clients/main.ts' },
  ],
  'test:proxies': ['a day in a browser behind nginx and Caddy', { module: 'test/proxies/main.ts' }],
  'test:machines': [
    'a day on machines as people have them: odd paths, no Java, a full disk …',
    { module: 'test/machines/main.ts' },
  ],
  fuzz: ['fuzzes the running host by its OpenAPI document', { module: 'test/fuzz/main.ts' }],
  soak: ['half an hour of load: does memory grow?', { module: 'test/soak/main.ts' }],
  bench: ['how fast everything is', { module: 'test/bench/run.ts' }],
  'bench:growth': ['how figures grow with data set and run', { module: 'test/bench/growth/main.ts' }],
  'bench:profile': [
    'where a benchmark spends its time',
    { programs: [['node', join(ROOT, 'test/bench/cpu-profile.ts')]] },
  ],
  backtest: ['how good the forecasts are', { module: 'test/bench/backtest/main.ts' }],
  screenshots: ['the pictures of the README', { module: 'test/screenshots/readme.ts' }],

  check: [
    'lint, format and types',
    {
      programs: [
        ['biome', 'check', '.'],
        ['tsc', '--noEmit'],
      ],
    },
  ],
  format: ['fixes formatting', { programs: [['biome', 'check', '--write', '.']] }],

  synth: ['CloudFormation templates', { programs: [['cdk', 'synth', '--quiet']] }],
  deploy: ['deploys a stage to AWS', { module: 'infra/aws/commands/deploy.ts' }],
  upload: ['uploads a data set to a stage', { module: 'infra/aws/commands/upload.ts' }],
  sleep: [
    'stops what costs money of a stage with a broker of its own',
    { module: 'infra/aws/commands/sleep.ts', args: ['sleep'] },
  ],
  wake: ['starts it again', { module: 'infra/aws/commands/sleep.ts', args: ['wake'] }],
  smoke: ['plays one day of a deployed system', { module: 'infra/local/cli/smoke.ts' }],
};

async function main([name, ...args]) {
  const [, command] = COMMANDS[name] ?? [];
  if (command === undefined) return help(name);
  const node = await installPackages(ROOT);
  process.env.PATH = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  if (command.programs !== undefined) return runPrograms(command, args);
  // An older Node can't run TypeScript: run this file again on the right one, with the sizes of heaps that `npm start` sets.
  if (Number.parseInt(process.versions.node, 10) < REQUIRED_NODE) {
    if (process.env[RERUN] !== undefined) {
      throw new Problem(
        `Node ${REQUIRED_NODE} is needed and ${node} is ${process.versions.node}: run npm ci, then the command again.`,
      );
    }
    const heaps = process.execArgv.filter((option) =>
      /^--(max-semi-space-size|heap-growing-percent)=/.test(option),
    );
    return run(node, [...heaps, fileURLToPath(import.meta.url), name, ...args], { [RERUN]: '1' });
  }
  // A command that this one starts decides for itself.
  delete process.env[RERUN];
  const module = join(ROOT, command.module);
  process.argv = [process.execPath, module, ...(command.args ?? []), ...args];
  await import(pathToFileURL(module).href);
}

/** Stops at the first that fails. What follows the command's name goes to the last one. */
async function runPrograms({ programs, env = {} }, args) {
  for (const [index, [file, ...own]] of programs.entries()) {
    await run(file, index === programs.length - 1 ? [...own, ...args] : own, env);
    if (process.exitCode) return;
  }
}

/**
 * Runs a program to its end and takes over its exit code. Signals are passed on. A program that npm started through this
 * process also ends when npm is killed: nobody else could end it.
 *
 * @throws {Problem} if the program can't be started.
 */
async function run(file, args, env = {}) {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent) child.kill('SIGTERM');
  }, PARENT_POLL_MS).unref();
  try {
    process.exitCode = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
  } catch (error) {
    throw new Problem(`${file} could not be started (${error.message}): run npm ci, then the command again.`);
  } finally {
    clearInterval(poll);
  }
}

function help(name) {
  const width = Math.max(...Object.keys(COMMANDS).map(({ length }) => length));
  const lines = Object.entries(COMMANDS).map(
    ([command, [summary]]) => `  ${command.padEnd(width)}  ${summary}`,
  );
  const usage = `Usage: npm run rtm -- <command> [arguments]\n\n${lines.join('\n')}`;
  if (name === undefined || name === 'help' || name === '--help') return console.log(usage);
  console.error(`There is no command ${name}.\n\n${usage}`);
  process.exitCode = 2;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
