import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';

const CHUNK_BYTES = 64 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const ZIP = Buffer.from('PK\u0003\u0004');
const SAVE_AS_CSV = 'save its sheet in Excel by "Save As", type "CSV UTF-8", and load that';

const UTF_32 = 'its text is UTF-32; save it as "CSV UTF-8"';

/** How files begin that are no text, or no table, and what to do about each. In Latin-1, a character for each byte. */
const REFUSED: readonly (readonly [start: string | RegExp, reason: string])[] = [
  // The container of Excel's format before 2007.
  ['\u00d0\u00cf\u0011\u00e0', `it is an Excel workbook; ${SAVE_AS_CSV}`],
  ['PAR1', 'it is a Parquet file; save it as CSV (in pandas: to_csv)'],
  ['ARROW1', 'it is an Arrow or Feather file; save it as CSV (in pandas: to_csv)'],
  ['SQLite format 3', 'it is an SQLite database; export its table as CSV'],
  [/^BZh[1-9]/, 'it is packed by bzip2; unpack it, and load that'],
  ['\u00fd7zXZ', 'it is packed by xz; unpack it, and load that'],
  ['7z\u00bc\u00af', 'it is a 7z archive; unpack it, and load one of its files'],
  ['Rar!', 'it is a RAR archive; unpack it, and load one of its files'],
  ['%PDF-', 'it is a PDF document; get its table as CSV'],
  [
    /^(\u00ef\u00bb\u00bf)?\s*<(!doctype|html|\?xml)/i,
    'it is a web page or XML, as a download without a login saves it; download the CSV file itself',
  ],
  [/^(\u00ef\u00bb\u00bf)?\s*(\[\s*)?\{\s*"/, 'it is JSON; save it as CSV (in pandas: to_csv)'],
  ['\u00ff\u00fe\0\0', UTF_32],
  ['\0\0\u00fe\u00ff', UTF_32],
];
/** Enough for each of them. */
const START_BYTES = 64;

/**
 * Unpacks a gzip or Zstandard file or a ZIP archive with one CSV in it; anything else is passed on. Recognises the container by its first
 * bytes, because names are often wrong.
 *
 * @throws Error with a remedy for a workbook and other files that are not text.
 */
export async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, whole } = await withStart(source, START_BYTES);
  const begins = (mark: Buffer) => start.subarray(0, mark.length).equals(mark);
  const text = start.toString('latin1', 0, START_BYTES);
  for (const [mark, reason] of REFUSED) {
    if (typeof mark === 'string' ? text.startsWith(mark) : mark.test(text)) return refuse(whole, reason);
  }
  if (begins(ZIP)) return yield* unzipped(whole);
  // The pipeline passes an error of either stream to the reader of the result, which throws it.
  if (begins(GZIP))
    return yield* unpacked(pipeline(whole, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}));
  if (begins(ZSTD)) return yield* unpacked(pipeline(whole, createZstdDecompress(), () => {}));
  yield* whole;
}

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

/** Encodings by the byte order mark, in hexadecimal. */
const UTF_16_BY_MARK: Readonly<Record<string, string | undefined>> = { fffe: 'utf-16le', feff: 'utf-16be' };

/** Text as UTF-8, and what it was before. */
export interface DecodedText {
  readonly text: AsyncGenerator<Uint8Array>;
  /** The name of the encoding; `utf-8` unless a mark, the bytes or a setting says otherwise. */
  readonly encoding: string;
}

/**
 * Decodes text: by the setting, else by its byte order mark, else by the zero bytes of UTF-16. All else is taken for UTF-8, whose
 * errors show as U+FFFD and are reported with the values that contain them.
 *
 * @param asked A label of the WHATWG encoding standard.
 */
export async function asUtf8(source: AsyncIterable<Uint8Array>, asked?: string): Promise<DecodedText> {
  const { start, whole } = await withStart(source, 64);
  const marked = UTF_16_BY_MARK[start.toString('hex', 0, 2)];
  const encoding =
    marked ?? (asked === undefined ? utf16WithoutMark(start) : new TextDecoder(asked).encoding);
  if (encoding === undefined || encoding === 'utf-8') return { text: whole, encoding: 'utf-8' };
  return { text: decoded(whole, new TextDecoder(encoding)), encoding };
}

async function* decoded(source: AsyncIterable<Uint8Array>, decoder: TextDecoder): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** A header is mostly ASCII, of which every second byte is zero in UTF-16. */
function utf16WithoutMark(start: Buffer): string | undefined {
  const zeros = [0, 1].map(
    (parity) => start.filter((byte, index) => byte === 0 && index % 2 === parity).length,
  );
  const [even = 0, odd = 0] = zeros;
  if (odd > start.length / 4 && even === 0) return 'utf-16le';
  return even > start.length / 4 && odd === 0 ? 'utf-16be' : undefined;
}

/**
 * Reads the beginning of a source.
 *
 * @returns at least `length` bytes, if there are as many, and the whole source.
 */
export async function withStart(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ start: Buffer; whole: AsyncGenerator<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < length) {
    const { done, value } = await rest.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  async function* whole() {
    try {
      if (start.length > 0) yield start;
      yield* { [Symbol.asyncIterator]: () => rest };
    } finally {
      await rest.return?.();
    }
  }
  return { start, whole: whole() };
}
