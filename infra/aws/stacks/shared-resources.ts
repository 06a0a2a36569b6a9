import { Aws } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { capabilities, streaming } from '../../capabilities.ts';
import type { AwsResources } from '../../capability-resources.ts';
import { mysqlFunctionsOf } from '../../mysql-capabilities.ts';
import type { FunctionDefinition, SystemDescription } from '../../system-description.ts';
import type { Stage } from '../stage.ts';
import { functionArn, type SystemStack, stageName } from '../system-stack.ts';
import type { BrokerStack } from './broker-stack.ts';
import type { NetworkStack } from './network-stack.ts';
import { originSecretTexts } from './origin-secrets.ts';
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
    functionNamed: (name) => ({ name: stageName(stage, name), arn: functionArn(stage, name) }),
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
export function functionEnvironment(
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
