import {
  functionUser,
  localPassword,
  type MysqlCapability,
  mysqlCapabilities,
} from '../shared/mysql/privileges.ts';

/** What the capabilities of functions are filled in with: a deployed stage's resources, or those of one machine. */

/** The capabilities of each function with a user in MySQL, by its name. */
export type MysqlFunctions = Readonly<Record<string, readonly MysqlCapability[]>>;

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

/** Actions that a role is allowed on resources. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export type Variables = Readonly<Record<string, string>>;

/** What a capability permits and configures. The second parameter is the function's name. */
export interface Implications {
  readonly grants: (aws: AwsResources, name: string) => readonly Grant[];
  readonly onAws: (aws: AwsResources, name: string) => Variables;
  readonly locally: (local: LocalResources, name: string) => Variables;
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
export const TASK_ROOT = '/var/task';

/** What the capabilities in MySQL permit and configure: a user for each function, and the owner of the tables. */

/** The functions of a system that use MySQL, except for the owner. */
export function mysqlFunctionsOf(
  functions: Readonly<Record<string, { readonly uses: readonly string[] }>>,
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
export const mysqlUser: Implications = {
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

/** The account that owns the tables and creates the users of all other functions. */
export const mysqlOwner: Implications = {
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
};
