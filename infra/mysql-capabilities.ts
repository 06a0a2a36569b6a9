/** What the capabilities in MySQL permit and configure: a user for each function, and the owner of the tables. */
import { functionUser, localPassword, mysqlCapabilities } from '../shared/mysql/privileges.ts';
import {
  type AwsResources,
  bundledFolders,
  type Implications,
  type LocalResources,
  type MysqlFunctions,
  TASK_ROOT,
} from './capability-resources.ts';

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
