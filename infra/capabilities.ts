/**
 * What a function may use. One table lists for each capability its IAM permissions and its environment variables,
 * on AWS and on one machine. `infra/aws` and `infra/local` fill in their names and addresses.
 */

import {
  type AwsResources,
  bundledFolders,
  type Grant,
  type Implications,
  type LocalResources,
  mysqlOwner,
  mysqlUser,
  TASK_ROOT,
  type Variables,
} from './capability-resources.ts';

/** On AWS a stream is billed by its duration. Here a process serves many, and closes a stream when its viewer leaves. */
const LOCAL_STREAM_LIFETIME_SECONDS = 14 * 60;

/** The host announces what its own functions write, so polls, at 2 ms of processor time each, only find what others write. */
const LOCAL_QUIET_POLL_MS = 1_000;

const tableVariables = {
  onAws: ({ table }: AwsResources) => ({ TABLE_NAME: table.name }),
  locally: ({ names, addresses, tableWritesChannel, isTableShared }: LocalResources) => ({
    TABLE_NAME: names.table,
    AWS_ENDPOINT_URL_DYNAMODB: addresses.dynamodbEndpoint,
    ...(isTableShared ? {} : { TABLE_WRITES: tableWritesChannel }),
  }),
};

const topicVariables = {
  onAws: ({ kafka }: AwsResources) => ({
    KAFKA_BROKERS: kafka.brokers(),
    KAFKA_TOPIC: kafka.topicName,
    KAFKA_CONSUMER_GROUP: kafka.groupName ?? '',
    KAFKA_AUTH: kafka.auth.kind,
    ...(kafka.auth.kind === 'scram'
      ? { KAFKA_USER: kafka.auth.user, KAFKA_PASSWORD: kafka.auth.password() }
      : {}),
  }),
  locally: ({ names, addresses }: LocalResources) => ({
    KAFKA_BROKERS: addresses.kafkaBrokers,
    KAFKA_TOPIC: names.topic,
    KAFKA_CONSUMER_GROUP: names.consumerGroup,
  }),
};

/** Grants the invocation of a function. */
function invocationOf(name: string): Implications['grants'] {
  return ({ functionNamed }) => [
    { actions: ['lambda:InvokeFunction'], resources: [functionNamed(name).arn] },
  ];
}

function lambdaLocally({ lambdaEndpoint }: LocalResources): Variables {
  return { AWS_ENDPOINT_URL_LAMBDA: lambdaEndpoint };
}

/** Grants the reading of a secret. */
function reading(secretArn: string): Grant {
  return { actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] };
}

function tokenLocally({ deployment, addresses, apiToken }: LocalResources): Variables {
  if (!deployment) return { API_TOKEN: apiToken };
  return {
    API_TOKEN_SECRET_ARN: deployment.apiTokenSecret,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: addresses.dynamodbEndpoint,
  };
}

export const capabilities = {
  'table:read': {
    grants: ({ table }) => [
      { actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], resources: [table.arn] },
    ],
    ...tableVariables,
  },
  'table:write': {
    grants: ({ table }) => [
      {
        actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
        resources: [table.arn],
      },
    ],
    ...tableVariables,
  },
  'mysql:read-data-set': mysqlUser,
  'mysql:load-data-set': mysqlUser,
  'mysql:read-events': mysqlUser,
  'mysql:store-events': mysqlUser,
  'mysql:read-dead-letters': mysqlUser,
  'mysql:keep-forecasts': mysqlUser,
  'mysql:trials': mysqlUser,
  /** Its password comes by `invoke:password`. */
  'mysql:own': mysqlOwner,
  /** Idempotent production with `acks=all`. */
  'topic:produce': {
    grants: ({ kafka: { auth } }) =>
      auth.kind === 'scram'
        ? []
        : [
            {
              actions: ['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'],
              resources: [auth.clusterArn],
            },
            {
              actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
              resources: [auth.topicArn],
            },
          ],
    ...topicVariables,
  },
  /** Reads the ends of the partitions and the positions of the consumer group. */
  'topic:lag': {
    grants: ({ kafka: { auth } }) =>
      auth.kind === 'scram'
        ? []
        : [
            {
              actions: ['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'],
              resources: [auth.clusterArn],
            },
            { actions: ['kafka-cluster:DescribeTopic'], resources: [auth.topicArn] },
            ...(auth.groupArn
              ? [{ actions: ['kafka-cluster:DescribeGroup'], resources: [auth.groupArn] }]
              : []),
          ],
    ...topicVariables,
  },
  'invoke:feed': {
    grants: invocationOf('feed'),
    onAws: ({ functionNamed }) => ({ FEED_FUNCTION_NAME: functionNamed('feed').name }),
    locally: (local) => ({ FEED_FUNCTION_NAME: 'feed', ...lambdaLocally(local) }),
  },
  /** Gets the password of MySQL's owner from a function: Secrets Manager has no address in the VPC. */
  'invoke:password': {
    grants: invocationOf('password'),
    onAws: ({ functionNamed }) => ({ MYSQL_PASSWORD_FUNCTION: functionNamed('password').name }),
    locally: lambdaLocally,
  },
  /** Gets the API token from a function, for the same reason. */
  'invoke:token': {
    grants: invocationOf('token'),
    onAws: ({ functionNamed }) => ({ API_TOKEN_FUNCTION: functionNamed('token').name }),
    locally: (local) => ({ ...lambdaLocally(local), ...tokenLocally(local) }),
  },
  /** Checks the API token. */
  'api-token': {
    grants: (aws) => [reading(aws.apiTokenSecretArn)],
    onAws: (aws) => ({ API_TOKEN_SECRET_ARN: aws.apiTokenSecretArn }),
    locally: tokenLocally,
  },
  /** Hands out the password of MySQL's owner. */
  'secret:password': {
    grants: ({ mysql }) => [reading(mysql.ownerSecretArn)],
    onAws: ({ mysql }) => ({ SECRET_ARN: mysql.ownerSecretArn }),
    locally: () => ({}),
  },
  /** Hands out the API token. */
  'secret:token': {
    grants: (aws) => [reading(aws.apiTokenSecretArn)],
    onAws: (aws) => ({ SECRET_ARN: aws.apiTokenSecretArn }),
    locally: () => ({}),
  },
  /** Answers requests of the HTTP API, on AWS those that came through CloudFront. */
  'http-api': {
    grants: () => [],
    onAws: (aws) => ({ ORIGIN_SECRETS: aws.originSecrets() }),
    locally: () => ({ ORIGIN_SECRETS: '' }),
  },
  /** Reads data sets. The stack with the bucket grants that itself; locally, the invoking event names a file or an object. */
  dataset: {
    grants: () => [],
    onAws: () => ({}),
    locally: ({ deployment, addresses }) =>
      deployment ? { AWS_ENDPOINT_URL_S3: addresses.dynamodbEndpoint } : {},
  },
  /** Changes tables. */
  schema: {
    grants: () => [],
    onAws: () => ({ SCHEMA_DIRECTORY: `${TASK_ROOT}/${bundledFolders.schema}` }),
    locally: ({ schemaDirectory }) => ({ SCHEMA_DIRECTORY: schemaDirectory }),
  },
  docs: {
    grants: () => [],
    onAws: () => ({ DOCS_DIRECTORY: `${TASK_ROOT}/${bundledFolders.docs}` }),
    locally: ({ docsDirectory }) => ({ DOCS_DIRECTORY: docsDirectory }),
  },
} as const satisfies Readonly<Record<string, Implications>>;

export type Capability = keyof typeof capabilities;

/** What a function that streams needs besides its capabilities. */
export const streaming: Omit<Implications, 'grants'> = {
  onAws: ({ stream }) => ({
    STREAM_LIFETIME_SECONDS: String(stream.lifetimeSeconds),
    QUIET_POLL_MS: String(stream.quietPollMs),
    PAGE_DIRECTORY: `${TASK_ROOT}/${bundledFolders.page}`,
  }),
  locally: ({ pageDirectory, tableWritesChannel }) => ({
    STREAM_LIFETIME_SECONDS: String(LOCAL_STREAM_LIFETIME_SECONDS),
    QUIET_POLL_MS: String(LOCAL_QUIET_POLL_MS),
    TABLE_WRITES_CHANNEL: tableWritesChannel,
    PAGE_DIRECTORY: pageDirectory,
  }),
};
