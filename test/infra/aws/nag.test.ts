import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { Stacks } from '../../../infra/aws/build-app.ts';
import type { Stage } from '../../../infra/aws/stage.ts';
import { statementsOf } from './policies.ts';
import { resourcesOf, stageNamed, synthesize } from './synthesis.ts';

describe('cdk-nag, AwsSolutions', () => {
  it.each(['hobby', 'dev', 'prod'])(
    'cdk-nag finds nothing in stage %s without a documented reason',
    (name) => {
      const { app } = synthesize({ stage: stageNamed(name) });
      const { violations } = new AwsSolutionsChecks(app).validateScope(app);
      const findings = violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ resourceLogicalId }) => `${ruleName}: ${resourceLogicalId}`),
      );
      expect(findings).toEqual([]);
    },
  );

  it('cdk-nag finds nothing in a stage that uses every setting', () => {
    const stage: Stage = {
      ...stageNamed('prod'),
      network: { availabilityZones: 2, egress: 'nat', egressZones: 2 },
      alarmEmail: 'ops@example.com',
      domain: {
        name: 'retail.example.com',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0a1b',
        hostedZone: { id: 'Z1', name: 'example.com' },
      },
      webAclArn: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/name/1',
    };
    const { app } = synthesize({ stage });
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations).toEqual([]);
  });

  it('cdk-nag reports a database without encryption', () => {
    const { app, stacks } = synthesize();
    const { database } = stacks.storage;
    const resource = database.node.defaultChild as unknown as { storageEncrypted: boolean };
    resource.storageEncrypted = false;
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName).join()).toContain('AwsSolutions-RDS2');
  });
});

describe('the policies of all stacks', () => {
  it("the stage's permissions boundary bounds every role of every stack, also those of the CDK's own functions", () => {
    const stage: Stage = { ...stageNamed('dev'), permissionsBoundary: 'team-boundary' };
    const { stacks, template } = synthesize({ stage });
    const names = Object.keys(stacks) as (keyof Stacks)[];
    const roles = names.flatMap((name) => Object.entries(resourcesOf(template(name), 'AWS::IAM::Role')));
    expect(roles.length).toBeGreaterThan(15);
    for (const [id, { Properties }] of roles) {
      expect(JSON.stringify(Properties.PermissionsBoundary), id).toContain(':policy/team-boundary');
    }
  });

  it('no policy of any stack allows all actions of a service', () => {
    const { stacks } = synthesize();
    const statements = Object.values(stacks).flatMap((stack) => statementsOf(Template.fromStack(stack)));
    expect(statements.length).toBeGreaterThan(20);
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });
});
