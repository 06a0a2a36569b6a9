/** Reads the policies of a template as plain statements. */
import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf } from './synthesis.ts';

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** Computed values are JSON. */
  readonly resources: readonly string[];
  readonly conditions: unknown;
}

function listOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
}

/** Every statement of a template's policies; of one role's, if its reference is given. */
export function statementsOf(template: Template, role?: unknown): Statement[] {
  const roleId = role === undefined ? undefined : (role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0];
  const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter(
    ({ Properties }) => roleId === undefined || JSON.stringify(Properties.Roles).includes(`"${roleId}"`),
  );
  return policies.flatMap(({ Properties }) => {
    const document = Properties.PolicyDocument as { Statement: Record<string, unknown>[] };
    return document.Statement.map((statement) => ({
      effect: statement.Effect as Statement['effect'],
      actions: listOf(statement.Action),
      resources: listOf(statement.Resource),
      conditions: statement.Condition,
    }));
  });
}
