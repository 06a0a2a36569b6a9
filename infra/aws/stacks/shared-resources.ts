import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { capabilities, streaming } from '../../capabilities.ts';
import type { AwsResources } from '../../capability-resources.ts';
import { mysqlFunctionsOf } from '../../capability-resources.ts';
import type { FunctionDefinition, SystemDescription } from '../../system-description.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, deployedFunctionArn, type SystemStack, stageName } from '../system-stack.ts';
import type { BrokerStack } from './broker-stack.ts';
import type { NetworkStack } from './network-stack.ts';
import { DATABASE_NAME, DATABASE_USER, type StorageStack } from './storage-stack.ts';
import { bootstrapBrokers, type StreamingStack } from './streaming-stack.ts';

/** What stacks with functions depend on. */
export interface SharedResources {
  readonly stage: Stage;
  readonly system: SystemDescription;
  readonly network: NetworkStack;
  readonly storage: StorageStack;
  readonly streaming: StreamingStack | BrokerStack;
  /** The code of a function. A parameter, so that tests need no bundles. */
  readonly codeOf: (functionName: string) => Code;
}

/** The names and addresses that capabilities refer to, as seen from a stack. */
export function awsResources(
  stack: SystemStack,
  { stage, system, storage, streaming }: SharedResources,
): AwsResources {
  const { table, database, databaseSecret, apiToken } = storage;
  const group = system.eventSources.topic?.consumerGroup;
  return {
    region: Aws.REGION,
    table: { name: table.tableName, arn: table.tableArn },
    mysql: {
      host: database.instanceEndpoint.hostname,
      port: database.dbInstanceEndpointPort,
      database: DATABASE_NAME,
      owner: DATABASE_USER,
      ownerSecretArn: databaseSecret.secretArn,
      userArn: (user) => databaseUserArn(database, user),
      functions: mysqlFunctionsOf(system.functions),
    },
    kafka: kafkaOf(stack, streaming, group),
    functionNamed: (name) => ({ name: stageName(stage, name), arn: deployedFunctionArn(stage, name) }),
    apiTokenSecretArn: apiToken.secretArn,
    originSecrets: () => originSecretTexts(stack),
    stream: stage.stream,
  };
}

/** Policies name a database by its resource id, which changes when an instance is replaced. */
function databaseUserArn({ instanceResourceId = '' }: DatabaseInstance, user: string): string {
  const database = `arn:${Aws.PARTITION}:rds-db:${Aws.REGION}:${Aws.ACCOUNT_ID}:dbuser:${instanceResourceId}`;
  return `${database}/${user}`;
}

/** How clients reach Kafka and identify themselves. */
function kafkaOf(
  stack: SystemStack,
  streaming: SharedResources['streaming'],
  group: string | undefined,
): AwsResources['kafka'] {
  const names = { topicName: streaming.access.topicName, groupName: group };
  if (streaming.kind === 'broker') {
    const { brokers, user, scramSecret } = streaming.access;
    const password = () => scramSecret.secretValueFromJson('password').unsafeUnwrap();
    return { ...names, brokers: () => brokers, auth: { kind: 'scram', user, password } };
  }
  const { access } = streaming;
  const { clusterArn, topicArn } = access;
  const groupArn = group === undefined ? undefined : access.groupArn(group);
  return {
    ...names,
    brokers: () => bootstrapBrokers(stack, access),
    auth: { kind: 'iam', clusterArn, topicArn, groupArn },
  };
}

/** All environment variables of a function besides those that Lambda sets itself. */
export function deployedEnvironment(
  name: string,
  { uses, invocation, environment }: FunctionDefinition,
  stage: Stage,
  aws: AwsResources,
): Record<string, string> {
  return Object.assign(
    { POWERTOOLS_SERVICE_NAME: name, POWERTOOLS_LOG_LEVEL: stage.logLevel },
    { POWERTOOLS_METRICS_NAMESPACE: `RetailTimeMachine/${stage.name}` },
    ...uses.map((capability) => capabilities[capability].onAws(aws, name)),
    invocation === 'stream' ? streaming.onAws(aws, name) : {},
    environment,
  );
}

/**
 * The secrets that tell the HTTP API's functions which requests came through CloudFront, the current one first, then the one that the
 * stage's generation replaces. Created in the stack that asks first.
 *
 * Functions accept both, and their stack is deployed before CloudFront's: so a new generation refuses no request in between.
 */
export function originSecrets(stack: SystemStack): Secret[] {
  const { originSecretGeneration: current } = stack.stage;
  return [current, current - 1].filter((generation) => generation > 0).map((each) => secretOf(stack, each));
}

/** References to the secrets' texts, which CloudFormation resolves during a deployment, separated by commas. */
function originSecretTexts(stack: SystemStack): string {
  return originSecrets(stack)
    .map((secret) => secret.secretValue.unsafeUnwrap())
    .join(',');
}

function secretOf(stack: SystemStack, generation: number): Secret {
  const id = `OriginSecret${generation}`;
  const known = stack.node.tryFindChild(id);
  if (known instanceof Secret) return known;
  const secret = new Secret(stack, id, {
    description: 'Sent by CloudFront to the HTTP API, which answers nobody else',
    generateSecretString: { excludePunctuation: true, passwordLength: 40 },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledge(secret, {
    'AwsSolutions-SMG4':
      'CloudFront and the functions read it at deployment only, so a deployment rotates it (docs/operations.md).',
  });
  return secret;
}
