import { Aws, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import type { Stage } from '../stage.ts';

/** The beginning of every name that has to be known before deployment. */
export const PROJECT = 'rtm';

/** `rtm-dev-consumer`: the name of a thing of a stage, unique in account and region. */
export function stageName(stage: Stage, name: string): string {
  return `${PROJECT}-${stage.name}-${name}`;
}

/** One stack of the system: named by its stage and tagged, so that costs can be told apart. */
export class SystemStack extends Stack {
  readonly stage: Stage;

  constructor(scope: Construct, name: string, stage: Stage, description: string) {
    super(scope, stageName(stage, name), { description, terminationProtection: stage.protectData });
    this.stage = stage;
    Tags.of(this).add('project', 'retail-time-machine');
    Tags.of(this).add('stage', stage.name);
  }

  /** What becomes of data when its stack is destroyed. */
  get dataRemoval(): RemovalPolicy {
    return this.stage.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }

  /** A group of logs that is kept as long as the stage says. */
  logGroup(scope: Construct, id: string, name: string): LogGroup {
    return new LogGroup(scope, id, {
      logGroupName: name,
      retention: this.stage.logRetentionDays,
      removalPolicy: this.dataRemoval,
    });
  }
}

/** Rules of cdk-nag that a construct and all within it may break, each with the reason why that is right. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** The ARN of a function of the system, which may be in another stack: its name is known before it is there. */
export function functionArn(stage: Stage, name: string): string {
  return `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${stageName(stage, name)}`;
}

/** A policy statement that allows actions on resources. */
export function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}
