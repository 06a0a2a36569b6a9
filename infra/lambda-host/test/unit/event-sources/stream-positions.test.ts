import {
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from 'vitest';
import { openShardReader } from '../../../event-sources/shard-reader.ts';
import {
  readyShards,
  type StreamPositions,
  withoutExpiredShards,
} from '../../../event-sources/stream-positions.ts';

const positions = (shards: StreamPositions['shards'] = {}): StreamPositions => ({ streamArn: 'arn', shards });
const finished = { after: '9', finished: true };

describe('shards', () => {
  const shards = [
    { ShardId: 'child', ParentShardId: 'parent' },
    { ShardId: 'parent', ParentShardId: 'gone' },
    { ShardId: 'other' },
  ];

  test('a shard whose parent is no longer kept is ready at once', () => {
    expect(readyShards(shards, positions())).toEqual(['parent', 'other']);
  });

  test('a shard waits until its parent is completely processed', () => {
    expect(readyShards(shards, positions({ parent: { after: '5', finished: false } }))).toEqual([
      'parent',
      'other',
    ]);
    expect(readyShards(shards, positions({ parent: finished }))).toEqual(['child', 'other']);
  });

  test('a finished shard is not processed again', () => {
    expect(readyShards(shards, positions({ parent: finished, child: finished, other: finished }))).toEqual(
      [],
    );
  });

  test('positions of shards that the stream no longer has are removed', () => {
    const kept = withoutExpiredShards(positions({ parent: finished, old: finished }), shards);
    expect(kept).toEqual(positions({ parent: finished }));
  });
});

/** A client that returns the listed answers in turn and records its requests. */
function scripted(answers: readonly (object | Error)[]) {
  const asked: object[] = [];
  const rest = [...answers];
  const send = async ({ input }: { input: object }) => {
    asked.push(input);
    const answer = rest.shift() ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  };
  // The client's other methods aren't called.
  return { asked, client: { send } as unknown as DynamoDBStreamsClient };
}

const record = (SequenceNumber: string) => ({ dynamodb: { SequenceNumber } });
const error = { $metadata: {}, message: 'as told' };

describe('shard readers', () => {
  function reader(answers: readonly (object | Error)[], after?: string) {
    const { asked, client } = scripted(answers);
    let trimmed = 0;
    const opened = openShardReader(client, 'arn', 'shard', after, () => {
      trimmed += 1;
    });
    return { asked, read: () => opened.read(10), trimmed: () => trimmed };
  }

  test('a shard reader starts at the oldest record and follows the iterators', async () => {
    const { asked, read } = reader([
      { ShardIterator: 'one' },
      { Records: [record('1')], NextShardIterator: 'two' },
      { Records: [record('2')] },
    ]);
    expect(await read()).toEqual({ records: [record('1')], ended: false });
    expect(await read()).toEqual({ records: [record('2')], ended: true });
    expect(asked).toEqual([
      { StreamArn: 'arn', ShardId: 'shard', ShardIteratorType: 'TRIM_HORIZON' },
      { ShardIterator: 'one', Limit: 10 },
      { ShardIterator: 'two', Limit: 10 },
    ]);
  });

  test('a shard reader resumes at its position after its iterator has expired', async () => {
    const { asked, read } = reader([
      { ShardIterator: 'one' },
      { Records: [record('1')], NextShardIterator: 'two' },
      new ExpiredIteratorException(error),
      { ShardIterator: 'three' },
      { Records: [record('2')], NextShardIterator: 'four' },
    ]);
    await read();
    expect(await read()).toEqual({ records: [], ended: false });
    expect(await read()).toEqual({ records: [record('2')], ended: false });
    expect(asked[3]).toMatchObject({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '1' });
  });

  test('a shard reader whose position was trimmed reports it and continues at the oldest record', async () => {
    const { asked, read, trimmed } = reader(
      [new TrimmedDataAccessException(error), { ShardIterator: 'one' }, { Records: [record('7')] }],
      '3',
    );
    expect(await read()).toEqual({ records: [], ended: false });
    expect(trimmed()).toBe(1);
    expect((await read()).records).toEqual([record('7')]);
    expect(asked[1]).toMatchObject({ ShardIteratorType: 'TRIM_HORIZON' });
  });

  test('a shard reader ends if its shard no longer exists', async () => {
    const { read } = reader([new ResourceNotFoundException(error)]);
    expect(await read()).toEqual({ records: [], ended: true });
  });

  test('a shard reader retries from the same position after any other failure', async () => {
    const { asked, read } = reader(
      [{ ShardIterator: 'one' }, new Error('away'), { ShardIterator: 'two' }, { Records: [record('4')] }],
      '3',
    );
    await expect(read()).rejects.toThrow('away');
    expect((await read()).records).toEqual([record('4')]);
    expect(asked[2]).toMatchObject({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '3' });
  });
});
