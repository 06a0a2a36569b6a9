import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { unzip } from '../../../../../infra/local/servers/packages.ts';

const root = mkdtempSync(join(tmpdir(), 'zip-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface File {
  readonly name: string;
  readonly contents: Buffer;
  readonly deflated: boolean;
  readonly extra: Buffer;
}

/** A zip as in PKWARE's APPNOTE. As in real ones, local headers have extra fields that the directory lacks. */
function zip(files: readonly File[], comment: string): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, contents, deflated, extra } of files) {
    const data = deflated ? deflateRawSync(contents) : contents;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(deflated ? 8 : 0, 4);
    common.writeUInt32LE(crc32(contents), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(contents.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.from(common);
    local.writeUInt16LE(extra.length, 24);
    const header = Buffer.concat([Buffer.from('PK\x03\x04'), local, Buffer.from(name), extra, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name)]));
    parts.push(header);
    offset += header.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, entries, end, Buffer.from(comment)]);
}

const file = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?\.txt$/),
  contents: fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  deflated: fc.boolean(),
  extra: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
});

test('an archive is unpacked completely, but only below the prefix', async () => {
  const files = fc.uniqueArray(file, { selector: ({ name }) => name, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(files, fc.stringMatching(/^[a-z]{0,30}$/), async (packed, comment) => {
      const folder = mkdtempSync(join(root, 'case-'));
      const archive = join(folder, 'archive.zip');
      const inside = packed.map((one) => ({ ...one, name: `in/${one.name}` }));
      const outside = packed.map((one) => ({ ...one, name: `out/${one.name}`, contents: Buffer.from('no') }));
      writeFileSync(archive, zip([...outside, ...inside], comment));
      await unzip(archive, 'in/', join(folder, 'to'));
      for (const { name, contents } of packed) {
        expect(readFileSync(join(folder, 'to', name)).equals(contents)).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('an archive that would write outside its folder is rejected', async () => {
  const archive = join(root, 'evil.zip');
  const evil = { name: '../evil', contents: Buffer.from('x'), deflated: false, extra: Buffer.alloc(0) };
  writeFileSync(archive, zip([evil], ''));
  await expect(unzip(archive, '', join(root, 'to'))).rejects.toThrow('invalid relative path: ../evil');
});

test('a file that is not an archive is rejected', async () => {
  const archive = join(root, 'text');
  writeFileSync(archive, 'no archive, but longer than the end of one');
  await expect(unzip(archive, '', join(root, 'to'))).rejects.toThrow('not a zip file');
});
