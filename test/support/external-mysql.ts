import { mysqlSettingsOf } from '../../infra/local/environment.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { readExternalMysql } from '../../infra/local/servers/start.ts';
import { functions } from '../../infra/system.ts';
import { openPool, select } from '../../shared/mysql/connection.ts';
import { functionUser } from '../../shared/mysql/privileges.ts';

/** A running MySQL that the tests were given, instead of one that they start. */
export interface ExternalMysql {
  readonly address: ServerAddresses['mysql'];
  /** Drops the databases that the tests have made, and the users of their functions. */
  clean(): Promise<void>;
}

/**
 * The MySQL that `MYSQL_HOST`, `MYSQL_PORT`, `MYSQL_USER`, `MYSQL_PASSWORD` and `MYSQL_DATABASE` name; null if none is named.
 * Takes the settings out of the environment: what the tests start must not believe that it has been given external servers too.
 */
export async function takeExternalMysql(
  report: (line: string) => void,
  environment = process.env,
): Promise<ExternalMysql | null> {
  if (!environment.MYSQL_HOST) return null;
  const address = readExternalMysql(environment);
  for (const name of Object.keys(environment)) if (name.startsWith('MYSQL_')) delete environment[name];
  const pool = openPool(mysqlSettingsOf({ mysql: address }, address.database), { connectionLimit: 1 });
  const ownDatabases = async () => {
    const sql =
      "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'test\\\\_%'";
    return (await select<{ name: string }>(pool, sql)).map(({ name }) => name);
  };
  const [server] = await select<{ version: string }>(pool, 'SELECT VERSION() AS version');
  report(`The tests run on the MySQL at ${address.host}:${address.port}: ${server?.version}`);
  const before = new Set(await ownDatabases());
  return {
    address,
    async clean() {
      const made = (await ownDatabases()).filter((name) => !before.has(name));
      for (const name of made) {
        await pool.query('DROP DATABASE ??', [name]);
        for (const each of usersOf(name)) await pool.query("DROP USER IF EXISTS ?@'%'", [each]);
      }
      await pool.end();
    },
  };
}

function usersOf(database: string): string[] {
  return Object.keys(functions).map((name) => functionUser(database, name));
}
