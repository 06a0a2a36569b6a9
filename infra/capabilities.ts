/**
 * What a function may use. One table lists for each capability its IAM permissions and its environment variables,
 * on AWS and on one machine. `infra/aws` and `infra/local` fill in their names and addresses.
 */

import {
  functionUser,
  localPassword,
  type MysqlCapability,
  mysqlCapabilities,
} from '../shared/mysql/privileges.ts';

/** Actions that a role is allowed on resources. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export type Variables = Readonly<Record<string, string>>;

/** A deployed stage as its functions see it. The texts may be tokens that CloudFormation resolves. */
export interface AwsResources {
  readonly region: string;
  readonly table: { readonly name: string; readonly arn: string };
  readonly mysql: {
    readonly host: string;
    readonly port: string;
    readonly database: string;
    readonly owner: string;
    readonly ownerSecretArn: string;
    /** The ARN with which a role may log in as a user. */
    readonly userArn: (user: string) => string;
    readonly functions: MysqlFunctions;
  };
  readonly kafka: {
    /** Asks MSK for the addresses, so only stacks that need them contain the request. */
    readonly brokers: () => string;
    readonly topicName: string;
    /** Undefined if nothing consumes the topic. */
    readonly groupName: string | undefined;
    /** MSK admits roles; a broker of the stage's own admits every client that knows the password. */
    readonly auth:
      | {
          readonly kind: 'iam';
          readonly clusterArn: string;
          readonly topicArn: string;
          readonly groupArn: string | undefined;
        }
      | { readonly kind: 'scram'; readonly user: string; readonly password: () => string };
  };
  /** Another function of the stage. */
  readonly functionNamed: (name: string) => { readonly name: string; readonly arn: string };
  readonly apiTokenSecretArn: string;
  /** What CloudFront sends to the HTTP API: the current secret and the previous one, separated by commas, as references. */
  readonly originSecrets: () => string;
  readonly stream: { readonly lifetimeSeconds: number; readonly quietPollMs: number };
}

/** The servers and folders of one machine as its functions see them. */
export interface LocalResources {
  readonly addresses: {
    readonly dynamodbEndpoint: string;
    readonly kafkaBrokers: string;
    readonly mysql: {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
    };
  };
  readonly names: {
    readonly database: string;
    readonly table: string;
    readonly topic: string;
    readonly consumerGroup: string;
  };
  /** The functions that have a user of their own in MySQL; undefined where the account may not create any, and all use it. */
  readonly mysqlFunctions: MysqlFunctions | undefined;
  /** Where the host serves Lambda's Invoke API. */
  readonly lambdaEndpoint: string;
  /** The `BroadcastChannel` on which the host announces writes to the table, and the name under which it counts them. */
  readonly tableWritesChannel: string;
  /** Whether other hosts may write to the table, of which this one doesn't know. */
  readonly isTableShared?: boolean | undefined;
  /** The built live page. */
  readonly pageDirectory: string;
  /** The built API documentation. */
  readonly docsDirectory: string;
  /** The numbered SQL files. */
  readonly schemaDirectory: string;
  /** Required by routes that change the simulation; empty for none. */
  readonly apiToken: string;
  /** Set if the CDK has deployed to LocalStack: the functions then find bucket and token there, as they do on AWS. */
  readonly deployment?: { readonly apiTokenSecret: string } | undefined;
}

/** Folders of a bundle that contain files a function reads. */
export const bundledFolders = {
  /** `<region>.pem`: the certificate authorities of RDS. */
  certificates: 'rds-ca',
  /** Numbered SQL files. */
  schema: 'schema',
  /** The built live page. */
  page: 'page',
  /** The API's document and the page that shows it. */
  docs: 'docs',
} as const;

/** Where Lambda unpacks a bundle. */
const TASK_ROOT = '/var/task';

/** On AWS a stream is billed by its duration. Here a process serves many, and closes a stream when its viewer leaves. */
const LOCAL_STREAM_LIFETIME_SECONDS = 14 * 60;

/** The host announces what its own functions write, so polls, at 2 ms of processor time each, only find what others write. */
const LOCAL_QUIET_POLL_MS = 1_000;

/** The second parameter is the function's name. */
interface Implications {
  readonly grants: (aws: AwsResources, name: string) => readonly Grant[];
  readonly onAws: (aws: AwsResources, name: string) => Variables;
  readonly locally: (local: LocalResources, name: string) => Variables;
}

/** The capabilities of each function with a user in MySQL, by its name. */
export type MysqlFunctions = Readonly<Record<string, readonly MysqlCapability[]>>;

/** The functions of a system that use MySQL, except for the owner. */
export function mysqlFunctionsOf(
  functions: Readonly<Record<string, { readonly uses: readonly Capability[] }>>,
): MysqlFunctions {
  const entries = Object.entries(functions).map(([name, { uses }]) => {
    return [name, mysqlCapabilities.filter((capability) => uses.includes(capability))] as const;
  });
  return Object.fromEntries(entries.filter(([, capabilities]) => capabilities.length > 0));
}

/** The users that the owner creates, with their capabilities, as JSON. */
function usersText(database: string, functions: MysqlFunctions): string {
  const users = Object.entries(functions).map(([name, capabilities]) => {
    return [functionUser(database, name), capabilities] as const;
  });
  return JSON.stringify(Object.fromEntries(users));
}

const mysqlOnAws = ({ mysql, region }: AwsResources) => ({
  MYSQL_HOST: mysql.host,
  MYSQL_PORT: mysql.port,
  MYSQL_DATABASE: mysql.database,
  MYSQL_TLS: 'verify',
  MYSQL_CA_FILE: `${TASK_ROOT}/${bundledFolders.certificates}/${region}.pem`,
});

const mysqlLocally = ({ names, addresses: { mysql } }: LocalResources) => ({
  MYSQL_HOST: mysql.host,
  MYSQL_PORT: String(mysql.port),
  MYSQL_DATABASE: names.database,
  MYSQL_TLS: 'off',
});

/** A user of the function's own, with the privileges of all its capabilities in MySQL. */
const mysqlUser: Implications = {
  grants: ({ mysql }, name) => [
    { actions: ['rds-db:connect'], resources: [mysql.userArn(functionUser(mysql.database, name))] },
  ],
  onAws: (aws, name) => ({
    ...mysqlOnAws(aws),
    MYSQL_USER: functionUser(aws.mysql.database, name),
    MYSQL_AUTH: 'iam',
  }),
  locally: (local, name) => {
    const { user: owner, password } = local.addresses.mysql;
    const user = functionUser(local.names.database, name);
    const account = local.mysqlFunctions
      ? { MYSQL_USER: user, MYSQL_PASSWORD: localPassword(password, user) }
      : { MYSQL_USER: owner, MYSQL_PASSWORD: password };
    return { ...mysqlLocally(local), ...account, MYSQL_AUTH: 'password' };
  },
};

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
  /** The account that owns the tables and creates the users of all other functions. Its password comes by `invoke:password`. */
  'mysql:own': {
    grants: () => [],
    onAws: (aws) => ({
      ...mysqlOnAws(aws),
      MYSQL_USER: aws.mysql.owner,
      FUNCTION_USERS: usersText(aws.mysql.database, aws.mysql.functions),
      FUNCTION_USERS_AUTH: 'iam',
    }),
    locally: (local) => ({
      ...mysqlLocally(local),
      MYSQL_USER: local.addresses.mysql.user,
      MYSQL_PASSWORD: local.addresses.mysql.password,
      FUNCTION_USERS: usersText(local.names.database, local.mysqlFunctions ?? {}),
      FUNCTION_USERS_AUTH: 'password',
    }),
  },
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
