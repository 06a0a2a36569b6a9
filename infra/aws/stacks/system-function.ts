import { Duration } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type FunctionProps,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { capabilities } from '../../capabilities.ts';
import { definitionOf, type FunctionDefinition } from '../../system-description.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, allow, deployedFunctionArn, type SystemStack, stageName } from '../system-stack.ts';
import { awsResources, deployedEnvironment, type SharedResources } from './shared-resources.ts';

const NO_RESOURCE_TO_NAME =
  'X-Ray traces, network interfaces and lookups of event sources: actions without resource-level ' +
  'permissions. A test lists them.';

/** The environments that a function reserves in a stage; undefined for none. */
export function reservedConcurrencyOf(
  { invocation, reservedConcurrency }: FunctionDefinition,
  stage: Stage,
): number | undefined {
  return invocation === 'stream' ? stage.stream.maxViewers : reservedConcurrency;
}

/** A function of the system with its role, log group and network, all derived from its definition. */
export class SystemFunction extends Construct {
  readonly name: string;
  /** Its name on AWS. A plain text instead of a reference, so other stacks don't prevent its removal. */
  readonly functionName: string;
  readonly definition: FunctionDefinition;
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly reservedConcurrency: number | undefined;
  private readonly role: Role;

  constructor(scope: SystemStack, name: string, resources: SharedResources) {
    super(scope, name);
    const { stage, system } = resources;
    this.name = name;
    this.functionName = stageName(stage, name);
    this.definition = definitionOf(system, name);
    this.reservedConcurrency = reservedConcurrencyOf(this.definition, stage);
    this.logGroup = scope.logGroup(this, 'Log', `/aws/lambda/${this.functionName}`);
    this.role = this.createRole(scope, resources);
    this.lambda = this.createFunction(scope, resources);
  }

  /** Adds to the function's role, which its event sources use too. Resources that depend on the function wait for the policy. */
  allow(statements: readonly PolicyStatement[]): void {
    for (const statement of statements) this.role.addToPolicy(statement);
  }

  private createRole(stack: SystemStack, resources: SharedResources): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Execution role of the function ${this.name}`,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    const aws = awsResources(stack, resources);
    const grants = this.definition.uses
      .flatMap((capability) => capabilities[capability].grants(aws, this.name))
      .map(
        ({ actions, resources: on }) => new PolicyStatement({ actions: [...actions], resources: [...on] }),
      );
    if (this.definition.network === 'vpc') {
      grants.push(...networkInterfaceGrants(deployedFunctionArn(resources.stage, this.name)));
    }
    for (const statement of grants) role.addToPolicy(statement);
    acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': NO_RESOURCE_TO_NAME });
    return role;
  }

  private createFunction(stack: SystemStack, resources: SharedResources): LambdaFunction {
    const { definition } = this;
    return new LambdaFunction(this, 'Function', {
      functionName: this.functionName,
      description: definition.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: resources.codeOf(this.name),
      handler: 'index.handler',
      memorySize: definition.memoryMb,
      timeout: Duration.seconds(definition.timeoutSeconds),
      environment: deployedEnvironment(
        this.name,
        definition,
        resources.stage,
        awsResources(stack, resources),
      ),
      role: this.role,
      logGroup: this.logGroup,
      tracing: Tracing.ACTIVE,
      ...(this.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: this.reservedConcurrency }),
      ...(definition.network === 'vpc' ? networkOf(resources) : {}),
    });
  }
}

function networkOf({
  network,
}: SharedResources): Pick<FunctionProps, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  return {
    vpc: network.vpc,
    vpcSubnets: network.applicationSubnets,
    securityGroups: [network.functionGroup],
  };
}

/**
 * Lets Lambda manage a function's network interfaces, by actions without resource-level permissions. The function's own code,
 * which runs under the same role, is denied them, as AWS recommends.
 */
function networkInterfaceGrants(arn: string): PolicyStatement[] {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const deny = new PolicyStatement({
    effect: Effect.DENY,
    actions,
    resources: ['*'],
    conditions: { ArnEquals: { 'lambda:SourceFunctionArn': arn } },
  });
  return [allow(actions, ['*']), deny];
}
