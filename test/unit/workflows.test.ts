import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { SCREENSHOTS } from '../support/page-fixture.ts';

/** Checks the workflows against their purpose. Their schema is checked in test/infra/schemas.test.ts. */
const step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const job = z.object({
  'timeout-minutes': z.int(),
  permissions: z.record(z.string(), z.string()).optional(),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
  steps: z.array(step),
});
const workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), job),
});

const FOLDER = '.github/workflows';
const names = readdirSync(FOLDER).sort();
const textOf = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8');
const read = (name: string) => workflow.parse(parse(textOf(name)));
const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);

const commandsOf = (name: string) =>
  Object.values(read(name).jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

describe.each(names)('the workflow %s', (name) => {
  it('the workflow pins every action to a commit and names its release', () => {
    const lines = textOf(name)
      .split('\n')
      .filter((line) => line.includes('uses:'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('the workflow may only read the code by default', () => {
    expect(read(name).permissions).toEqual({ contents: 'read' });
  });

  it('the workflow calls existing scripts and puts no expression into a command', () => {
    const called = commandsOf(name).flatMap((run) => [...run.matchAll(/npm run ([\w:-]+)/g)]);
    for (const [, script] of called) expect(scripts).toContain(script);
    for (const run of commandsOf(name)) expect(run).not.toContain('${{');
  });
});

describe('the workflow of tests', () => {
  const { jobs } = read('test.yml');

  it('the test workflow runs all tests once with Docker and once without', () => {
    expect(jobs.test?.strategy?.matrix.servers).toEqual(['native', 'docker']);
    expect(commandsOf('test.yml')).toContain('npm test');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as GitHub has it
    expect(textOf('test.yml')).toContain('SERVERS: ${{ matrix.servers }}');
  });

  it('the test workflow uploads the screenshots of the browser tests even if they fail', () => {
    const [keeping] =
      jobs.test?.steps.filter(({ uses }) => uses?.startsWith('actions/upload-artifact@')) ?? [];
    expect(keeping).toMatchObject({
      if: 'always()',
      with: { path: SCREENSHOTS, 'include-hidden-files': true },
    });
  });

  it('the test workflow synthesises every stage, lints the templates as the tests do, and audits the packages', () => {
    const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
    expect(jobs.synth?.strategy?.matrix.stage).toEqual(Object.keys(context.stages));
    const version = readFileSync('test/infra/aws/cfn-lint.test.ts', 'utf8').match(/version: '([\d.]+)'/)?.[1];
    expect(commandsOf('test.yml').join('\n')).toContain(`cfn-lint==${version}\n`);
    expect(commandsOf('test.yml').join('\n')).toContain('npm audit');
  });
});

describe('the nightly workflow', () => {
  it('the nightly workflow runs the fault, soak and benchmark suites, foreign clients, proxies, machines and runtime', () => {
    const commands = commandsOf('nightly.yml').join('\n');
    for (const script of [
      'test:faults',
      'soak',
      'bench',
      'rtm -- test:clients',
      'rtm -- test:proxies',
      'rtm -- test:machines',
      'test:ric',
    ])
      expect(commands).toContain(`npm run ${script}`);
    expect(read('nightly.yml').jobs.run?.strategy?.matrix.name).toEqual([
      'faults',
      'soak',
      'bench',
      'clients',
      'proxies',
      'machines',
      'ric',
    ]);
  });
});

describe('the pinned Node', () => {
  it('the pinned Node is the same for npm and for version managers', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(readFileSync('.nvmrc', 'utf8').trim()).toBe(devDependencies.node);
  });
});

describe('the workflow of deployment', () => {
  it("the deploy workflow runs only for a stage's tag, with a role and without a key", () => {
    const { on, jobs } = read('deploy.yml');
    expect(on).toEqual({ push: { tags: ['dev-*', 'prod-*'] } });
    expect(jobs.deploy?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(textOf('deploy.yml')).toContain('role-to-assume:');
    expect(textOf('deploy.yml')).not.toMatch(/secrets\.|access-key/);
  });
});
