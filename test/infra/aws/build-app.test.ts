import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { Stacks } from '../../../infra/aws/build-app.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { stacks, template } = synthesize();
const names = Object.keys(stacks) as (keyof Stacks)[];

/** The stacks that are deployed before a stack. */
function deployedBefore(name: keyof Stacks): Set<string> {
  const before = new Set<string>();
  const visit = (stack: Stacks[keyof Stacks]) => {
    for (const dependency of stack.dependencies) {
      if (before.has(dependency.stackName)) continue;
      before.add(dependency.stackName);
      visit(dependency as Stacks[keyof Stacks]);
    }
  };
  visit(stacks[name]);
  return before;
}

describe('the order of deployment', () => {
  it('migrations are applied before the code that needs them takes traffic', () => {
    for (const stack of [stacks.api, stacks.live, stacks.pipeline]) {
      expect(stack.dependencies).toContain(stacks.data);
    }
    Template.fromStack(stacks.data).resourceCountIs('Custom::Trigger', 1);
  });

  it.each(names)('log groups and functions that %s refers to by name are deployed before it', (name) => {
    const text = JSON.stringify(template(name).toJSON());
    const others = names.filter((other) => other !== name);
    const referredTo = others.filter((other) => {
      const logGroups = Object.values(resourcesOf(template(other), 'AWS::Logs::LogGroup'));
      const functions = Object.values(resourcesOf(template(other), 'AWS::Lambda::Function'));
      const theirs = [
        ...logGroups.map(({ Properties }) => Properties.LogGroupName),
        ...functions.map(({ Properties }) => Properties.FunctionName),
      ];
      return theirs.some((each) => typeof each === 'string' && text.includes(`"${each}"`));
    });
    for (const other of referredTo) {
      expect(deployedBefore(name), `${name} refers to ${other}`).toContain(stacks[other].stackName);
    }
  });
});

describe('names that AWS keeps per account, not per region', () => {
  it.each([
    ['edge', 'AWS::CloudFront::ResponseHeadersPolicy', 'ResponseHeadersPolicyConfig'],
    ['edge', 'AWS::CloudFront::OriginAccessControl', 'OriginAccessControlConfig'],
    ['monitoring', 'AWS::CloudWatch::Dashboard', 'DashboardName'],
    ['monitoring', 'AWS::Budgets::Budget', 'Budget'],
  ] as const)('a name that is unique per account contains the region: %s, %s', (stack, type, property) => {
    const resources = Object.values(resourcesOf(template(stack), type));
    expect(resources.length).toBeGreaterThan(0);
    for (const { Properties } of resources) {
      const value = Properties[property];
      const name = typeof value === 'object' && value !== null && 'Name' in value ? value.Name : value;
      expect(JSON.stringify(name)).toContain('{"Ref":"AWS::Region"}');
    }
  });
});
