import type { Pool, RowDataPacket } from '../../shared/mysql/connection.ts';

/** The number of rows and index entries the server reads for a statement. */
export async function rowsRead(pool: Pool, sql: string, values: readonly unknown[]): Promise<number> {
  const connection = await pool.getConnection();
  try {
    await connection.query('FLUSH STATUS');
    await connection.query(sql, [...values]);
    const [counters] = await connection.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
    return counters.reduce((sum, { Value }) => sum + Number(Value), 0);
  } finally {
    connection.release();
  }
}
