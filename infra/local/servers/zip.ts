import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** Signatures and layouts: PKWARE APPNOTE.TXT 4.3.6-4.3.16. Archives above 4 GB (Zip64) are not read. */
const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const CHUNK_BYTES = 1 << 20;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressedBytes: number;
  readonly headerOffset: number;
}

/**
 * Unpacks the files whose name begins with `prefix` into a folder, without that prefix. Written here because a bare machine
 * has no `unzip`, and a Java without a JDK no `jar`.
 */
export async function unzip(archive: string, prefix: string, folder: string): Promise<void> {
  const file = await open(archive);
  try {
    for (const entry of await readDirectory(file)) {
      if (!entry.name.startsWith(prefix) || entry.name.endsWith('/')) continue;
      await extract(
        archive,
        entry,
        await contentsOffset(file, entry),
        pathWithin(folder, entry.name.slice(prefix.length)),
      );
    }
  } finally {
    await file.close();
  }
}

async function readDirectory(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = await readAt(file, size - tailBytes, tailBytes);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error('Not a zip archive: it has no central directory.');
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  return parseEntries(directory);
}

function parseEntries(directory: Buffer): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY) {
    const nameBytes = directory.readUInt16LE(at + 28);
    const nameAt = at + ENTRY_BYTES;
    entries.push({
      name: directory.toString('utf8', nameAt, nameAt + nameBytes),
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at = nameAt + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function extract(archive: string, entry: Entry, start: number, path: string): Promise<void> {
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new Error(`${entry.name} is compressed by method ${entry.method}, which is not supported.`);
  }
  await mkdir(dirname(path), { recursive: true });
  if (entry.compressedBytes === 0) return writeFile(path, '');
  const end = start + entry.compressedBytes - 1;
  const source = createReadStream(archive, { start, end, highWaterMark: CHUNK_BYTES });
  const sink = createWriteStream(path, { flags: 'wx' });
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  await (entry.method === STORED ? pipeline(source, sink) : pipeline(source, inflate, sink));
}

/** An entry's local header repeats its name and has extra fields of its own length. */
async function contentsOffset(file: FileHandle, entry: Entry): Promise<number> {
  const header = await readAt(file, entry.headerOffset, LOCAL_HEADER_BYTES);
  return entry.headerOffset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** An archive may not write outside the folder (`../`). */
function pathWithin(folder: string, name: string): string {
  const path = normalize(join(folder, name));
  if (!path.startsWith(folder + sep)) throw new Error(`The archive's file ${name} would leave its folder.`);
  return path;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('The archive is shorter than it says.');
  return buffer;
}
