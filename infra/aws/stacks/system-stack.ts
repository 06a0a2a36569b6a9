import { RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
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
