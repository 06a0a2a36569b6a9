import { open } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { crc32c } from '../../../infra/lambda-host/event-sources/kafka-codecs.ts';
import type { Codec } from '../../../infra/lambda-host/test/support/foreign-batches.ts';
import { countUndecodable, dismissDeadLetters } from '../../../infra/local/stores/dead-letters.ts';
import type { Scenario } from '../scenario.ts';
import type { LoggedBatch } from '../topic-log.ts';

/** Where a batch holds its checksum, what the checksum covers, and the records. */
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;
const COUNT_AT = 57;
const FORMAT_AT = 16;
const RECORDS_AT = 61;

type Damage = (bytes: Buffer) => void;

function withChecksum(damage: Damage): Damage {
  return (bytes) => {
    damage(bytes);
    bytes.writeUInt32BE(crc32c(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT);
  };
}

const garbage: Damage = (bytes) => void bytes.fill(0xa5, RECORDS_AT);
const unknownCodec: Damage = (bytes) =>
  void bytes.writeInt16BE(bytes.readInt16BE(CHECKED_FROM) | 0x07, CHECKED_FROM);

/** In a value, which could still be read. */
const wrongByte: Damage = (bytes) => void bytes.write('5', bytes.lastIndexOf('no sale'));

/** kafkajs takes such a batch for an empty one. */
const counted =
  (count: number): Damage =>
  (bytes) =>
    void bytes.writeInt32BE(count, COUNT_AT);

const unknownFormat: Damage = (bytes) => void bytes.writeInt8(7, FORMAT_AT);

interface Broken {
  readonly what: string;
  readonly codec: Codec;
  readonly damage: Damage;
}

const broken: readonly Broken[] = [
  { what: 'bytes that do not fit its checksum', codec: 'zstd', damage: garbage },
  { what: 'a wrong byte in a message that is not compressed', codec: 'none', damage: wrongByte },
  { what: 'a right checksum over broken content', codec: 'lz4', damage: withChecksum(garbage) },
  { what: 'a right checksum and no record, by its header', codec: 'none', damage: withChecksum(counted(0)) },
  { what: 'fewer than no record', codec: 'gzip', damage: counted(-5) },
  { what: 'a format that does not exist', codec: 'none', damage: unknownFormat },
  { what: 'a codec that does not exist', codec: 'snappy', damage: withChecksum(unknownCodec) },
];

/** Batches that were damaged on the broker's disk, amid sales. The host is away meanwhile, or it might read them before. */
export function brokenBatches(scenario: () => Scenario): void {
  describe('a batch that cannot be decoded', () => {
    test.each(broken)('a batch with $what stops nothing and is kept', async ({ codec, damage }) => {
      const { environment, startRun, client, killHost, eventually, untilSettled, finishAndCompare } =
        scenario();
      const { foreign, observed } = environment;
      await startRun();
      await client.advance(2);
      await untilSettled();
      let repair = async () => {};
      onTestFinished(() => repair());
      await killHost(async () => {
        await foreign.send({ codec, messages: 7, undecodable: false });
        const batch =
          (await foreign.sent()).at(-1) ?? expect.unreachable('The topic holds no foreign batch.');
        await overwrite(batch, damage);
        // A broker that is killed in a later case would cut its log off at a wrong checksum.
        repair = () => overwrite(batch, () => undefined);
        foreign.markDamaged(batch);
      });
      await client.advance(3);
      await eventually(async () => {
        const health = await client.send('GET', '/health?deep=1');
        expect(health).toMatchObject({ status: 503, body: { code: 'undecodable_messages' } });
      });
      // Health may report the first of them before the last is stored.
      await eventually(async () => expect(await countUndecodable(observed.pool)).toBe(7));
      expect(await dismissDeadLetters(observed.pool, 'waiting')).toBe(7);
      await eventually(async () =>
        expect(await client.send('GET', '/health?deep=1')).toMatchObject({ status: 200 }),
      );
      await finishAndCompare();
    });
  });
}

/** The broker sends what its file holds, without a look. */
async function overwrite({ file, position, bytes }: LoggedBatch, damage: Damage): Promise<void> {
  const damaged = Buffer.from(bytes);
  damage(damaged);
  const handle = await open(file, 'r+');
  try {
    await handle.write(damaged, 0, damaged.length, position);
  } finally {
    await handle.close();
  }
}
