import { createConnection } from 'mysql2/promise';
import type { MysqlSettings } from '../../../shared/settings.ts';

/** Creates the database of the settings unless it is there, for a server of one's own. Needs the right to create it. */
export async function createDatabaseIfMissing(mysql: MysqlSettings): Promise<void> {
  const connection = await createConnection({
    host: mysql.MYSQL_HOST,
    port: mysql.MYSQL_PORT,
    user: mysql.MYSQL_USER,
    ...(mysql.MYSQL_PASSWORD === undefined ? {} : { password: mysql.MYSQL_PASSWORD }),
  });
  try {
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS \`${mysql.MYSQL_DATABASE}\` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
  } finally {
    await connection.end();
  }
}
