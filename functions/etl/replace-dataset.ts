import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CheckedDataset } from '../../shared/dataset/check-dataset.ts';
import { DATASET_COLUMNS, type DatasetColumn, type TableRow } from '../../shared/dataset/columns.ts';
import type { CalendarDay, DatasetSummary } from '../../shared/dataset/summary.ts';
import type { PoolConnection, ResultSetHeader, RowDataPacket } from '../../shared/mysql/connection.ts';

/** The data set in the tables, according to the table `datasets`. */
interface LoadedDataset {
  readonly sha256: string;
  readonly rows: number;
}

/** The server did not accept the rows as they were sent. Nothing was changed. */
export class LoadError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'LoadError';
  }
}

/** Bounds the length of a statement; there may be 10,000 days. */
const ROWS_PER_INSERT = 1_000;

const COLUMN_OF = {
  Date: 'date',
  'Store ID': 'store_id',
  'Product ID': 'product_id',
  Category: 'category',
  Region: 'region',
  'Inventory Level': 'inventory_level',
  'Units Sold': 'units_sold',
  'Units Ordered': 'units_ordered',
  'Demand Forecast': 'demand_forecast',
  Price: 'price',
  Discount: 'discount',
  'Weather Condition': 'weather_condition',
  'Holiday/Promotion': 'is_holiday_promo',
  'Competitor Pricing': 'competitor_pricing',
  Seasonality: 'seasonality',
} as const satisfies Record<DatasetColumn, string>;

const COLUMNS = DATASET_COLUMNS.map((column) => COLUMN_OF[column]).join(', ');

function loadInto(table: string): string {
  return `LOAD DATA LOCAL INFILE 'data set' INTO TABLE ${table} CHARACTER SET utf8mb4 (${COLUMNS})`;
}

/**
 * One sale per day, store and product, summed by the server: a file's lines are in any order and more than fit into this process. Price and discount are means by units, so that units × price is the sum of the lines'
 * amounts. Returns are deducted, but no day sells less than nothing.
 */
const SUM_LINES = `INSERT INTO sales_facts (${COLUMNS})
  SELECT date, store_id, product_id, MIN(category), MIN(region), MAX(inventory_level),
         GREATEST(SUM(units_sold), 0), SUM(units_ordered), ROUND(SUM(demand_forecast), 2),
         ROUND(CASE WHEN SUM(ABS(units_sold)) = 0 THEN AVG(price)
                    ELSE SUM(price * ABS(units_sold)) / SUM(ABS(units_sold)) END, 2),
         ROUND(CASE WHEN COUNT(discount) = 0 THEN NULL
                    WHEN SUM(price * ABS(units_sold)) = 0 THEN AVG(COALESCE(discount, 0))
                    ELSE SUM(price * ABS(units_sold) * COALESCE(discount, 0)) / SUM(price * ABS(units_sold)) END, 2),
         MIN(weather_condition), MAX(is_holiday_promo), ROUND(AVG(competitor_pricing), 2), MIN(seasonality)
    FROM sales_lines
   GROUP BY date, store_id, product_id`;

/**
 * Errors of a server with `local_infile=OFF`: ER_CLIENT_LOCAL_FILES_DISABLED of MySQL 8,
 * ER_LOAD_INFILE_CAPABILITY_DISABLED of MariaDB (mysql2 3.24 has no name for it).
 */
const LOCAL_INFILE_OFF: ReadonlySet<unknown> = new Set([3948, 4166]);

/** Reads which data set is in the tables; null before the first. */
export async function readLoadedDataset(connection: PoolConnection): Promise<LoadedDataset | null> {
  const [[newest]] = await connection.query<RowDataPacket[]>(
    'SELECT sha256, row_count FROM datasets ORDER BY id DESC LIMIT 1',
  );
  return newest === undefined ? null : { sha256: newest.sha256, rows: newest.row_count };
}

/** Reads the dates of the data set in the tables, ascending, with their number of sales. */
export async function readSalesPerDay(
  connection: PoolConnection,
): Promise<Pick<CalendarDay, 'date' | 'sales'>[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT date, COUNT(*) AS sales FROM sales_facts GROUP BY date ORDER BY date',
  );
  return rows.map(({ date, sales }) => ({ date, sales }));
}

/**
 * Replaces the data set in the tables by a checked one, in one transaction: readers see the old one until the new one is
 * complete, and a broken connection leaves the old one in place.
 *
 * @throws LoadError if the server dropped or changed a row, or accepts no files.
 */
export async function replaceDataset(
  connection: PoolConnection,
  dataset: CheckedDataset & { readonly fileName: string },
  spool: RowSpool,
): Promise<void> {
  await connection.query('START TRANSACTION');
  try {
    for (const table of ['sales_facts', 'stores', 'products', 'calendar']) {
      await connection.query(`DELETE FROM ${table}`);
    }
    await (dataset.sum
      ? loadSums(connection, spool, dataset)
      : loadRows(connection, spool, 'sales_facts', dataset.rows));
    await insertDimensions(connection, dataset);
    await connection.query(
      'INSERT INTO datasets (sha256, file_name, row_count, day_count, missing_columns) VALUES (?, ?, ?, ?, ?)',
      [
        dataset.sha256,
        dataset.fileName.slice(-255),
        dataset.rows,
        dataset.days.length,
        missingColumns(dataset).join(),
      ],
    );
    await connection.query('COMMIT');
  } catch (error) {
    // If the connection is broken, the server has already rolled back.
    await connection.query('ROLLBACK').catch(() => connection.destroy());
    throw error;
  }
}

/** Names of sales_facts. Lines that are summed have a value in a column if and only if their sales do. */
function missingColumns({ missing }: DatasetSummary): string[] {
  return [...missing].map((column) => COLUMN_OF[column]);
}

async function loadSums(
  connection: PoolConnection,
  spool: RowSpool,
  { lines, rows }: Pick<CheckedDataset, 'lines' | 'rows'>,
): Promise<void> {
  await loadRows(connection, spool, 'sales_lines', lines);
  const [summed] = await connection.query<ResultSetHeader>(SUM_LINES);
  await connection.query('DELETE FROM sales_lines');
  if (summed.affectedRows === rows) return;
  throw new LoadError(
    `${lines} lines should add up to ${rows} sales, but the server made ${summed.affectedRows} of them. The tables are unchanged.`,
  );
}

/** LOCAL turns an error in a row into a warning and a dropped or changed row, so rows and warnings are counted. */
async function loadRows(
  connection: PoolConnection,
  spool: RowSpool,
  table: string,
  expected: number,
): Promise<void> {
  const source = spool.read();
  try {
    const [loaded] = await connection.query<ResultSetHeader>({
      sql: loadInto(table),
      infileStreamFactory: () => source,
    });
    if (loaded.affectedRows === expected && loaded.warningStatus === 0) return;
    throw new LoadError(
      `Of ${expected} checked rows the server took ${loaded.affectedRows}, with ${loaded.warningStatus} warnings` +
        `${await firstWarning(connection)}. The tables are unchanged.`,
    );
  } catch (error) {
    throw isLocalInfileOff(error) ? localInfileOff(error) : error;
  } finally {
    source.destroy();
  }
}

async function firstWarning(connection: PoolConnection): Promise<string> {
  const [[warning]] = await connection.query<RowDataPacket[]>('SHOW WARNINGS LIMIT 1');
  return warning === undefined ? '' : `, first "${warning.Message}"`;
}

function isLocalInfileOff(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && LOCAL_INFILE_OFF.has(error.errno);
}

function localInfileOff(cause: unknown): LoadError {
  return new LoadError(
    'The MySQL server accepts no rows from clients: set local_infile to ON (on RDS in the parameter group).',
    cause,
  );
}

async function insertDimensions(
  connection: PoolConnection,
  { stores, products, days }: DatasetSummary,
): Promise<void> {
  await insertAll(connection, 'stores (store_id, region)', [...stores]);
  await insertAll(connection, 'products (product_id, category)', [...products]);
  await insertAll(
    connection,
    'calendar (date, weather_condition, is_holiday_promo, seasonality)',
    days.map((day) => [day.date, day.weather, day.isPromotion, day.seasonality]),
  );
}

async function insertAll(
  connection: PoolConnection,
  target: string,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await connection.query(`INSERT INTO ${target} VALUES ?`, [rows.slice(start, start + ROWS_PER_INSERT)]);
  }
}

/**
 * A temporary file of checked rows. Exactly what was checked is loaded, even if the data set's own file changes in the
 * meantime, and MySQL doesn't need to parse CSV in the same way.
 */
export interface RowSpool {
  write(rows: readonly TableRow[]): Promise<void>;
  /** Discards the rows that were written. */
  clear(): Promise<void>;
  /** All rows in LOAD DATA's default format, in chunks of a few hundred lines. */
  read(): Readable;
  close(): Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;

/** Opens a spool. Its file is unlinked at once, so even a killed process leaves none behind. */
export async function openRowSpool(): Promise<RowSpool> {
  const path = join(tmpdir(), `data-set-${randomUUID()}.tsv`);
  const file = await open(path, 'ax+', 0o600);
  await unlink(path);
  return {
    write: (rows) => file.appendFile(rows.map(encodeRow).join('')),
    clear: () => file.truncate(),
    read: () => file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES }),
    close: () => file.close(),
  };
}

/** Encodes a row in LOAD DATA's default format: fields separated by tabs, backslash as escape, `\\N` for null. */
export function encodeRow(row: TableRow): string {
  const plain = row.join('\t');
  if (!plain.includes('\\') && !row.includes(null)) return `${plain}\n`;
  const fields = row.map((value) => {
    if (value === null) return '\\N';
    return value.includes('\\') ? value.replaceAll('\\', '\\\\') : value;
  });
  return `${fields.join('\t')}\n`;
}
