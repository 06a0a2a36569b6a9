import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { RowFields } from './csv-row.ts';

/**
 * A temporary file between checking and loading: what is loaded is exactly what was checked, however the data set's
 * own file changes meanwhile, and MySQL never has to agree with us on how CSV is read.
 */
export interface RowSpool {
  write(rows: readonly RowFields[]): Promise<void>;
  /** All rows in the form that LOAD DATA takes by default, in chunks of some hundred lines. */
  read(): Readable;
  close(): Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;

/** Opens a spool whose file has no name any more, so that even a killed process leaves none behind. */
export async function openRowSpool(): Promise<RowSpool> {
  const path = join(tmpdir(), `data-set-${randomUUID()}.tsv`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return {
    write: (rows) => file.appendFile(rows.map(encodeRow).join('')),
    read: () => file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES }),
    close: () => file.close(),
  };
}

/** A row as a line that LOAD DATA reads with its defaults: tabs between the fields, a backslash escapes. */
export function encodeRow(row: RowFields): string {
  const line = row.join('\t');
  return `${line.includes('\\') ? line.replaceAll('\\', '\\\\') : line}\n`;
}
