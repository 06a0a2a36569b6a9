import { describe, expect, it } from 'vitest';
import { createOffsetCommitter } from '../../../event-sources/offset-committer.ts';

/** A committer whose broker fails the first `failures` requests. The test ends its pauses. */
function committer(failures: number) {
  const sent: [number, number][][] = [];
  const pauses: (() => void)[] = [];
  let left = failures;
  const made = createOffsetCommitter({
    async send(offsets) {
      left -= 1;
      if (left >= 0) throw new Error('The broker is away.');
      sent.push([...offsets]);
    },
    onFailure: () => undefined,
    pause: () => new Promise<void>((resolve) => pauses.push(resolve)),
  });
  const pauseOver = async () => {
    while (pauses.length === 0) await Promise.resolve();
    pauses.shift()?.();
  };
  return { ...made, sent, pauseOver };
}

describe('failed commits', () => {
  it('a failed commit is retried even if no other batch follows', async () => {
    const { commit, flush, pauseOver, sent } = committer(1);
    commit(new Map([[0, 5]]));
    await pauseOver();
    await flush();
    expect(sent).toEqual([[[0, 5]]]);
  });

  it('a retry sends the newest offset of each partition', async () => {
    const { commit, flush, pauseOver, sent } = committer(1);
    commit(
      new Map([
        [0, 5],
        [1, 3],
      ]),
    );
    commit(new Map([[0, 9]]));
    await pauseOver();
    await flush();
    expect(sent).toEqual([
      [
        [0, 9],
        [1, 3],
      ],
    ]);
  });

  it('a failed commit is dropped after the partitions were reassigned', async () => {
    const { commit, forget, flush, pauseOver, sent } = committer(1);
    commit(new Map([[0, 5]]));
    forget();
    await pauseOver();
    await flush();
    expect(sent).toEqual([]);
  });

  it('a flush does not wait for a failed commit to be retried', async () => {
    const { commit, flush, sent } = committer(Number.POSITIVE_INFINITY);
    commit(new Map([[0, 5]]));
    await flush();
    expect(sent).toEqual([]);
  });
});

describe('commits', () => {
  it('offsets are committed one request at a time, the newest of each partition', async () => {
    const sent: [number, number][][] = [];
    const gates: (() => void)[] = [];
    const { commit, flush } = createOffsetCommitter({
      send: (offsets) => {
        sent.push([...offsets]);
        return new Promise((resolve) => gates.push(resolve));
      },
      onFailure: () => undefined,
      pause: () => Promise.resolve(),
    });
    commit(new Map([[0, 1]]));
    commit(new Map([[0, 2]]));
    commit(
      new Map([
        [1, 5],
        [0, 3],
      ]),
    );
    expect(sent).toEqual([[[0, 1]]]);
    gates[0]?.();
    await new Promise(setImmediate);
    expect(sent[1]).toEqual([
      [0, 3],
      [1, 5],
    ]);
    gates[1]?.();
    await flush();
    expect(sent).toHaveLength(2);
  });

  it('a failed commit is reported, and a flush still sends the next one', async () => {
    const failures: unknown[] = [];
    const sent: number[] = [];
    const { commit, flush } = createOffsetCommitter({
      send: async (offsets) => {
        sent.push(...offsets.values());
        if (sent.length === 1) throw new Error('no');
      },
      onFailure: (error) => failures.push(error),
      pause: () => Promise.resolve(),
    });
    commit(new Map([[0, 1]]));
    commit(new Map([[0, 2]]));
    await flush();
    expect(sent).toEqual([1, 2]);
    expect(failures).toHaveLength(1);
  });
});
