import { Aws, PermissionsBoundary, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import type { Stage } from './stage.ts';

/** Prefix of every name that is chosen before deployment. */
export const PROJECT = 'rtm';

/** The name of a stage's resource, unique within account and region, such as `rtm-dev-consumer`. */
export function stageName(stage: Stage, name: string): string {
  return `${PROJECT}-${stage.name}-${name}`;
}

/** The name of a resource that AWS keeps unique within the account, across all regions. */
export function globalName(stage: Stage, name: string): string {
  return `${stageName(stage, name)}-${Aws.REGION}`;
}

/** A stack named after its stage. Its tags let cost reports tell stages apart. */
export class SystemStack extends Stack {
  readonly stage: Stage;

  constructor(scope: Construct, name: string, stage: Stage, description: string) {
    const { permissionsBoundary } = stage;
    super(scope, stageName(stage, name), {
      description,
      terminationProtection: stage.protectData,
      ...(permissionsBoundary === undefined
        ? {}
        : { permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundary) }),
    });
    this.stage = stage;
    Tags.of(this).add('project', 'retail-time-machine');
    Tags.of(this).add('stage', stage.name);
  }

  /** What happens to data when its stack is destroyed. */
  get dataRemoval(): RemovalPolicy {
    return this.stage.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }

  /** A log group with the stage's retention. */
  logGroup(scope: Construct, id: string, name: string): LogGroup {
    return new LogGroup(scope, id, {
      logGroupName: name,
      retention: this.stage.logRetentionDays,
      removalPolicy: this.dataRemoval,
    });
  }
}

/** Suppresses rules of cdk-nag for a construct and everything within it, each with its reason. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** The ARN of a function of any stack. It is derived from the name, so it needs no reference between stacks. */
export function deployedFunctionArn(stage: Stage, name: string): string {
  return `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${stageName(stage, name)}`;
}

/** A policy statement that allows actions on resources. */
export function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}
