/** The environment of each function on AWS: the same variables as on one machine, with the addresses of the stacks. */
import { Aws } from 'aws-cdk-lib';
import { functionFiles } from '../environment.ts';
import type { Capability, FunctionDefinition } from '../system.ts';
import { bootstrapBrokers } from './constructs/bootstrap-brokers.ts';
import type { SharedResources } from './shared-resources.ts';
import { DATABASE_NAME, DATABASE_USER } from './stacks/storage-stack.ts';
import { type SystemStack, stageName } from './stacks/system-stack.ts';

type Variables = Readonly<Record<string, string>>;

/** Where Lambda unpacks a function's code. */
const TASK_ROOT = '/var/task';

/** All that is set for a function beside what Lambda sets itself. @param stack Holds the function. */
export function functionEnvironment(
  stack: SystemStack,
  name: string,
  definition: FunctionDefinition,
  resources: SharedResources,
): Record<string, string> {
  const { uses, invocation, environment } = definition;
  return Object.assign(
    { POWERTOOLS_SERVICE_NAME: name, POWERTOOLS_LOG_LEVEL: resources.stage.logLevel },
    { POWERTOOLS_METRICS_NAMESPACE: `RetailTimeMachine/${resources.stage.name}` },
    ...uses.map((capability) => capabilityVariables(stack, capability, resources)),
    invocation === 'stream' ? streamVariables(resources) : {},
    environment,
  );
}

function capabilityVariables(
  stack: SystemStack,
  capability: Capability,
  resources: SharedResources,
): Variables {
  const { stage, storage } = resources;
  switch (capability) {
    case 'table:read':
    case 'table:write':
      return { TABLE_NAME: storage.table.tableName };
    case 'mysql':
      return mysqlVariables(resources);
    case 'topic:produce':
    case 'topic:lag':
      return kafkaVariables(stack, resources);
    case 'invoke:feed':
      return { FEED_FUNCTION_NAME: stageName(stage, 'feed') };
    case 'api-token':
      return { API_TOKEN_SECRET_ARN: storage.apiToken.secretArn };
    case 'dataset':
      return { SCHEMA_DIRECTORY: `${TASK_ROOT}/${functionFiles.schema}` };
    case 'docs':
      return { DOCS_DIRECTORY: `${TASK_ROOT}/${functionFiles.docs}` };
  }
}

function mysqlVariables({ storage: { database, databaseSecret } }: SharedResources): Variables {
  return {
    MYSQL_HOST: database.instanceEndpoint.hostname,
    MYSQL_PORT: database.dbInstanceEndpointPort,
    MYSQL_DATABASE: DATABASE_NAME,
    MYSQL_USER: DATABASE_USER,
    MYSQL_SECRET_ARN: databaseSecret.secretArn,
    MYSQL_TLS: 'verify',
    MYSQL_CA_FILE: `${TASK_ROOT}/${functionFiles.certificates}/${Aws.REGION}.pem`,
  };
}

function kafkaVariables(stack: SystemStack, { streaming: { access }, system }: SharedResources): Variables {
  return {
    KAFKA_BROKERS: bootstrapBrokers(stack, access),
    KAFKA_TOPIC: access.topicName,
    KAFKA_CONSUMER_GROUP: system.eventSources.topic?.consumerGroup ?? '',
    KAFKA_AUTH: 'iam',
  };
}

function streamVariables({ stage }: SharedResources): Variables {
  return {
    STREAM_LIFETIME_SECONDS: String(stage.stream.lifetimeSeconds),
    QUIET_LOOK_MS: String(stage.stream.quietLookMs),
    PAGE_DIRECTORY: `${TASK_ROOT}/${functionFiles.page}`,
  };
}
