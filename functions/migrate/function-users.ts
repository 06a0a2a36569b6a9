import * as z from 'zod';
import type { Pool, PoolConnection, RowDataPacket } from '../../shared/mysql/connection.ts';
import { withNamedLock } from '../../shared/mysql/named-lock.ts';
import {
  localPassword,
  type MysqlCapability,
  mysqlCapabilities,
  privilegesOf,
} from '../../shared/mysql/privileges.ts';

/** The MySQL users of functions. */
export const functionUserSettings = z.object({
  /** JSON: the capabilities of each user. Empty if all functions use the owner's account. */
  FUNCTION_USERS: z
    .string()
    .default('{}')
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.record(z.string().regex(/^[\w-]{1,32}$/), z.array(z.enum(mysqlCapabilities)))),
  /** `iam`: RDS checks a token that is signed with a function's role. */
  FUNCTION_USERS_AUTH: z.enum(['iam', 'password']).default('password'),
});

export interface FunctionUsers {
  readonly users: Readonly<Record<string, readonly MysqlCapability[]>>;
  /** The owner's password, from which those of the users are derived; null where RDS checks their tokens. */
  readonly ownerPassword: string | null;
}

const LOCK_SECONDS = 60;

/**
 * Creates the users and gives each exactly the privileges of its capabilities. Nothing is taken away and given again, so functions
 * that are at work notice nothing.
 *
 * @param pool Connected as the owner, who may create users and pass on its privileges.
 */
export async function applyFunctionUsers(pool: Pool, { users, ownerPassword }: FunctionUsers): Promise<void> {
  if (Object.keys(users).length === 0) return;
  const connection = await pool.getConnection();
  try {
    await withNamedLock(connection, 'users', LOCK_SECONDS, async () => {
      const spell = (await isMariaDb(connection)) ? withoutColumns : asDeclared;
      for (const [user, capabilities] of Object.entries(users)) {
        await createUser(connection, user, ownerPassword);
        await grantExactly(connection, user, spell(privilegesOf(capabilities)));
      }
    });
  } finally {
    connection.release();
  }
}

type TablePrivileges = ReadonlyMap<string, readonly string[]>;

async function isMariaDb(connection: PoolConnection): Promise<boolean> {
  const [[server]] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  return /mariadb/i.test(server?.version);
}

function asDeclared(declared: TablePrivileges): TablePrivileges {
  return declared;
}

/**
 * With privileges on the whole table instead of on columns: for INSERT … ON DUPLICATE KEY UPDATE of one column, MariaDB (11.4)
 * requires UPDATE of every column that is inserted. MySQL, which runs on AWS, requires it of that column.
 */
function withoutColumns(declared: TablePrivileges): TablePrivileges {
  const whole = (privilege: string) => privilege.replace(/ \(.*\)$/, '');
  return new Map([...declared].map(([table, privileges]) => [table, privileges.map(whole)]));
}

async function createUser(
  connection: PoolConnection,
  user: string,
  ownerPassword: string | null,
): Promise<void> {
  if (ownerPassword === null) {
    const identified = "IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL";
    await connection.query(`CREATE USER IF NOT EXISTS ?@'%' ${identified}`, [user]);
    return;
  }
  const values = [user, localPassword(ownerPassword, user)];
  await connection.query("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", values);
  // The owner may have got another password since.
  await connection.query("ALTER USER ?@'%' IDENTIFIED BY ?", values);
}

async function grantExactly(
  connection: PoolConnection,
  user: string,
  declared: TablePrivileges,
): Promise<void> {
  for (const [table, privileges] of declared) {
    await connection.query(`GRANT ${privileges.join(', ')} ON ?? TO ?@'%'`, [table, user]);
  }
  for (const { table, privilege } of await grantedTo(connection, user)) {
    if (declared.get(table)?.includes(privilege)) continue;
    await connection.query(`REVOKE ${privilege} ON ?? FROM ?@'%'`, [table, user]);
  }
}

/** What a user may do in the current database, as GRANT writes it. */
const GRANTED = `
  SELECT TABLE_NAME AS table_name, PRIVILEGE_TYPE AS privilege, NULL AS column_name
    FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() AND GRANTEE = ?
   UNION ALL
  SELECT TABLE_NAME, PRIVILEGE_TYPE, COLUMN_NAME
    FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() AND GRANTEE = ?`;

/** A user without privileges on a table itself is listed with this. */
const NO_PRIVILEGE = 'USAGE';

async function grantedTo(
  connection: PoolConnection,
  user: string,
): Promise<{ readonly table: string; readonly privilege: string }[]> {
  const grantee = `'${user}'@'%'`;
  const [rows] = await connection.query<RowDataPacket[]>(GRANTED, [grantee, grantee]);
  return rows
    .filter(({ privilege }) => privilege !== NO_PRIVILEGE)
    .map(({ table_name, privilege, column_name }) => ({
      table: table_name,
      privilege: column_name === null ? privilege : `${privilege} (${column_name})`,
    }));
}
