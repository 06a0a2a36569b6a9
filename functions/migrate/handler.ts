import * as z from 'zod';
import { secretOfFunction } from '../../shared/aws/secret-function.ts';
import { openPool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { mysqlSettings, readSettings } from '../../shared/settings.ts';
import { applyFunctionUsers, functionUserSettings } from './function-users.ts';
import { migrate, readMigrations } from './migrations.ts';

/** The connection holds the lock, and idles while it waits for a table. */
const MIGRATING_SESSION = { wait_timeout: 3_600 } as const;

const settings = readSettings(
  z.object({
    ...mysqlSettings.shape,
    ...functionUserSettings.shape,
    /** Folder of the numbered SQL files of data/schema. */
    SCHEMA_DIRECTORY: z.string().min(1),
    /** A function that returns RDS's secret `{"password": …}`. Takes precedence over a plain password. */
    MYSQL_PASSWORD_FUNCTION: z.string().min(1).optional(),
  }),
);
const log = createLogger('migrate');
const pool = openPool(settings, {
  connectionLimit: 1,
  session: MIGRATING_SESSION,
  readPassword: passwordSource(settings.MYSQL_PASSWORD_FUNCTION),
});

function passwordSource(functionName: string | undefined): (() => Promise<string>) | undefined {
  if (functionName === undefined) return undefined;
  const readSecret = secretOfFunction(functionName);
  return async () => passwordOf(await readSecret());
}

/** @throws an Error whose message doesn't contain the secret. */
function passwordOf(secret: string): string {
  try {
    return z.object({ password: z.string().min(1) }).parse(JSON.parse(secret)).password;
  } catch {
    throw new Error('MYSQL_PASSWORD_FUNCTION returned no JSON object with a "password".');
  }
}

export interface SchemaResult {
  readonly status: 'migrated';
  /** The files that this invocation applied. */
  readonly applied: readonly string[];
}

const functionUsers = {
  users: settings.FUNCTION_USERS,
  ownerPassword: settings.FUNCTION_USERS_AUTH === 'iam' ? null : (settings.MYSQL_PASSWORD ?? ''),
};

/** Applies the schema and the users of functions, whatever the event: a deployment invokes it before the code that needs the schema takes traffic. */
export async function handler(): Promise<SchemaResult> {
  const applied = await migrate(pool, await readMigrations(settings.SCHEMA_DIRECTORY), log);
  // After the tables, on which they get their privileges.
  await applyFunctionUsers(pool, functionUsers);
  return { status: 'migrated', applied };
}
