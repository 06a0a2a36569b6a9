import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { withStart } from './byte-streams.ts';

const CHUNK_BYTES = 64 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP = Buffer.from('PK\u0003\u0004');
/** The container of Excel's format before 2007. */
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
const PARQUET = Buffer.from('PAR1');

/**
 * Unpacks a gzip file or a ZIP archive with one CSV in it; anything else is passed on. Recognises the container by its first
 * bytes, because names are often wrong.
 *
 * @throws Error with a remedy for a workbook and other files that are not text.
 */
export async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, whole } = await withStart(source, ZIP.length);
  const begins = (mark: Buffer) => start.subarray(0, mark.length).equals(mark);
  if (begins(OLE)) return refuse(whole, `it is an Excel workbook; ${SAVE_AS_CSV}`);
  if (begins(PARQUET)) return refuse(whole, 'it is a Parquet file; save it as CSV (in pandas: to_csv)');
  if (begins(ZIP)) return yield* unzipped(whole);
  // The pipeline passes an error of either stream to the reader of the result, which throws it.
  if (begins(GZIP))
    return yield* unpacked(pipeline(whole, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}));
  yield* whole;
}

const SAVE_AS_CSV = 'save its sheet in Excel by "Save As", type "CSV UTF-8", and load that';

/** Closes the source. @throws Error always */
async function refuse(whole: AsyncGenerator<Uint8Array>, reason: string): Promise<never> {
  await whole.return(undefined);
  throw new Error(reason);
}

/** A ZIP archive's directory is at its end, so the archive is first copied to an unlinked temporary file. */
async function* unzipped(whole: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const path = join(tmpdir(), `data-set-${randomUUID()}.zip`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  try {
    for await (const chunk of whole) await file.appendFile(chunk);
    const zip = await fromFdPromise(file.fd, { autoClose: false });
    const entry = await onlyTable(zip);
    yield* unpacked(await zip.openReadStreamPromise(entry));
  } finally {
    await file.close();
  }
}

const TABLE = /\.(csv|tsv|txt)(\.gz)?$/i;
/** What macOS and editors add. */
const HIDDEN = /(^|\/)(__MACOSX\/|\.)/;

/** @throws Error unless the archive has exactly one file that may be a table. */
async function onlyTable(zip: ZipFile): Promise<Entry> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!HIDDEN.test(entry.fileName) && !entry.fileName.endsWith('/')) entries.push(entry);
  }
  const names = entries.map(({ fileName }) => fileName);
  if (names.some((name) => name === 'xl/workbook.xml' || name === 'xl/workbook.bin')) {
    throw new Error(`it is an Excel workbook; ${SAVE_AS_CSV}`);
  }
  if (names.includes('content.xml') && names.includes('mimetype')) {
    throw new Error('it is an OpenDocument file; save its sheet as CSV, and load that');
  }
  const tables = entries.filter(({ fileName }) => TABLE.test(fileName));
  const [table, second] = tables;
  if (table !== undefined && second === undefined) return table;
  const list = (tables.length > 0 ? tables.map(({ fileName }) => fileName) : names).slice(0, 10).join(', ');
  throw new Error(
    tables.length > 0
      ? `it is a ZIP archive with ${tables.length} tables (${list}); unpack it, and load one of them`
      : `it is a ZIP archive without a CSV file (it has ${list || 'nothing'})`,
  );
}
