import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordBatch, splitBatches } from '../../infra/lambda-host/event-sources/record-batch.ts';

/** A batch in a topic's log, as the broker keeps it on disk. */
export interface LoggedBatch extends RecordBatch {
  readonly partition: number;
  /** Time of its first message, in milliseconds since 1970; in the clear whatever the codec. */
  readonly firstTimestamp: number;
  readonly file: string;
  /** Where it starts in the file. */
  readonly position: number;
}

const FIRST_TIMESTAMP_AT = 27;

/**
 * Reads what a topic holds from the broker's files: the truth even about messages whose acknowledgement was lost, and readable
 * while the broker is down.
 *
 * @param kafkaDirectory The broker's folder.
 */
export async function readTopicLog(kafkaDirectory: string, topic: string): Promise<LoggedBatch[]> {
  const data = join(kafkaDirectory, 'data');
  const folders = (await readdir(data)).filter((name) => name.startsWith(`${topic}-`));
  const batches = folders.map(async (folder) => {
    const files = (await readdir(join(data, folder))).filter((name) => name.endsWith('.log'));
    const partition = Number(folder.slice(topic.length + 1));
    return (await Promise.all(files.map((file) => readSegment(join(data, folder, file), partition)))).flat();
  });
  return (await Promise.all(batches)).flat();
}

async function readSegment(file: string, partition: number): Promise<LoggedBatch[]> {
  let position = 0;
  return splitBatches(await readFile(file)).map((batch) => {
    const logged = {
      ...batch,
      partition,
      firstTimestamp: Number(batch.bytes.readBigInt64BE(FIRST_TIMESTAMP_AT)),
      file,
      position,
    };
    position += batch.bytes.length;
    return logged;
  });
}
