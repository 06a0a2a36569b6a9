import { type Pool, select } from '../../shared/mysql/connection.ts';

/** Whether a server is MariaDB rather than Oracle's MySQL, for the few tests that need a means of one of them. */
export async function isMariadb(pool: Pool): Promise<boolean> {
  const [server] = await select<{ version: string }>(pool, 'SELECT VERSION() AS version');
  return server?.version.includes('MariaDB') ?? false;
}
