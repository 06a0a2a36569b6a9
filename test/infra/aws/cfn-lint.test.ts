/** Checks the templates with cfn-lint, AWS's own linter. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stacks } from '../../../infra/aws/build-app.ts';
import { rdsCertificates } from '../../../infra/aws/bundle.ts';
import { checkRegion, regions } from '../../../infra/aws/regions.ts';
import { diagnosticsOf, findPythonProgram } from '../../support/python-program.ts';
import { resourcesOf, stageNamed, synthesize } from './synthesis.ts';

const PROGRAM = { name: 'cfn-lint', version: '1.58.0' } as const;

/** "DependsOn that a reference implies already": the CDK writes it on purpose, and it does no harm. */
const IGNORED = ['W3005'];

const MINUTES = 60_000;

/** Without Python the tests are skipped. In CI, where Python is installed, a skipped test counts as failed. */
const MISSING = 'cfn-lint could not be installed: it needs Python and the network';

let cfnLint: string | null;
let directory: string;

beforeAll(async () => {
  await mkdir('.local/aws', { recursive: true });
  directory = await mkdtemp('.local/aws/lint-');
  // Installs it the first time.
  cfnLint = await findPythonProgram(PROGRAM);
}, 15 * MINUTES);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** @returns One finding a line. @throws Error if cfn-lint can't be run. */
function lintTemplates(
  program: string,
  files: readonly string[],
  options: readonly string[] = [],
): Promise<string[]> {
  const ignored = ['--ignore-checks', ...IGNORED];
  return diagnosticsOf(program, ['--format', 'parseable', ...ignored, ...options, '--', ...files]);
}

async function writeTemplates(stageName: string): Promise<string[]> {
  const { stacks, template } = synthesize({ stage: stageNamed(stageName) });
  const names = Object.keys(stacks) as (keyof Stacks)[];
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, `${stageName}-${name}.template.json`);
      await writeFile(file, JSON.stringify(template(name).toJSON(), null, 1));
      return file;
    }),
  );
}

/** The resource types and RDS instance classes that each region lacks. */
function lackingByRegion(findings: readonly string[]): Map<string, Set<string>> {
  const lacking = new Map<string, Set<string>>();
  for (const finding of findings) {
    const [, what, region] =
      /Resource type '([\w:]+)' does not exist in '([\w-]+)'$/.exec(finding) ??
      /'(db\.[\w.]+)' is not one of .* in '([\w-]+)'$/.exec(finding) ??
      [];
    if (what === undefined || region === undefined) throw new Error(`Unexpected: ${finding.slice(0, 300)}`);
    lacking.set(region, (lacking.get(region) ?? new Set()).add(what));
  }
  return lacking;
}

describe('cfn-lint', () => {
  it.for(['hobby', 'dev', 'prod'])(
    'cfn-lint accepts the templates of stage %s',
    { timeout: 10 * MINUTES },
    async (name, { skip }) => {
      if (cfnLint === null) return skip(MISSING);
      const files = await writeTemplates(name);
      expect(files).toHaveLength(9);
      expect(await lintTemplates(cfnLint, files)).toEqual([]);
    },
  );

  it(
    'cfn-lint finds exactly the gaps of each region that the table of regions lists',
    async ({ skip }) => {
      if (cfnLint === null) return skip(MISSING);
      const stages = await Promise.all(['hobby', 'dev', 'prod'].map(writeTemplates));
      const files = stages.flat();
      const findings = await lintTemplates(cfnLint, files, ['--regions', 'ALL_REGIONS']);
      const lacking = lackingByRegion(findings);
      expect(lacking.get('ca-west-1')).toContain('AWS::Lambda::Url');
      for (const [region, gaps] of Object.entries(regions)) {
        const types = gaps.map((gap) => (gap === 'budgets' ? 'AWS::Budgets::Budget' : gap));
        expect([...(lacking.get(region) ?? [])].sort(), region).toEqual(types.sort());
      }
      const others = [...lacking].filter(([region]) => !(region in regions));
      for (const [region, types] of others) {
        expect([...types].join(), region).toMatch(/AWS::Lambda::Url|AWS::CloudFront::/);
      }
    },
    10 * MINUTES,
  );

  it(
    'cfn-lint reports a property that does not exist',
    async ({ skip }) => {
      if (cfnLint === null) return skip(MISSING);
      const file = path.join(directory, 'wrong.template.json');
      const Resources = { Topic: { Type: 'AWS::SNS::Topic', Properties: { Nmae: 'x' } } };
      await writeFile(file, JSON.stringify({ Resources }));
      expect((await lintTemplates(cfnLint, [file])).join()).toContain('Nmae');
    },
    10 * MINUTES,
  );
});

describe('regions', () => {
  it.each(Object.keys(regions))('the bundles have certificate authorities for the region %s', (region) => {
    expect(rdsCertificates().get(region)?.length).toBeGreaterThan(0);
  });

  it.each([
    [
      'without function URLs',
      'eu-central-2',
      'dev',
      /eu-central-2 lacks function URLs.*AWS_REGION.*eu-central-1/,
    ],
    [
      'without the instance class',
      'eu-south-1',
      'prod',
      /no db\.m7g\.large in eu-south-1.*stages\.prod\.mysql/,
    ],
    ['with fewer zones for MSK', 'us-west-1', 'prod', /two zones in us-west-1.*stages\.prod\.network/],
  ])('a region %s stops the synthesis with a remedy', (_, region, stage, message) => {
    expect(() => checkRegion(region, stageNamed(stage))).toThrow(message);
  });

  it('a region that has everything passes the check', () => {
    for (const stage of ['hobby', 'dev', 'prod']) checkRegion('eu-central-1', stageNamed(stage));
  });

  it('a region without budgets gets all other resources of the monitoring stack', () => {
    const types = (region: string) =>
      Object.keys(resourcesOf(synthesize({ region }).template('monitoring'), 'AWS::CloudWatch::Alarm'));
    const budgets = (region: string) =>
      Object.keys(resourcesOf(synthesize({ region }).template('monitoring'), 'AWS::Budgets::Budget'));
    expect(types('eu-south-2')).toEqual(types('eu-central-1'));
    expect(budgets('eu-central-1')).toHaveLength(1);
    expect(budgets('eu-south-2')).toHaveLength(0);
  });
});
