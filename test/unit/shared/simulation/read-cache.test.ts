import { randomUUID } from 'node:crypto';
import { setEnvironmentData } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { noReadCache, readCache, sharedWriteStamp } from '../../../../shared/simulation/read-cache.ts';

/** A table whose only item counts how often it was read. */
function fixture() {
  const host = { stamp: 0 as number | null, time: 0 };
  let reads = 0;
  const cache = readCache(
    () => host.stamp,
    () => host.time,
  );
  const read = async () => {
    reads += 1;
    return [{ reads }];
  };
  return { host, cache, ask: async (key = 'state') => (await cache.read(key, read))[0]?.reads };
}

describe('reads of a table whose host tells of writes', () => {
  test('a read is answered from memory while nothing has been written', async () => {
    const { ask } = fixture();
    expect([await ask(), await ask(), await ask('other'), await ask()]).toEqual([1, 1, 2, 1]);
  });

  test('the first read after a write reads the table', async () => {
    const { ask, host } = fixture();
    await ask();
    host.stamp = 1;
    expect([await ask(), await ask()]).toEqual([2, 2]);
  });

  test('every read during a write reads the table, and what it read is not kept', async () => {
    const { ask, host } = fixture();
    await ask();
    host.stamp = null;
    expect([await ask(), await ask()]).toEqual([2, 3]);
    host.stamp = 2;
    expect(await ask()).toBe(4);
  });

  test('what was read while a write began is not kept', async () => {
    const { cache, ask, host } = fixture();
    await cache.read('state', async () => {
      host.stamp = null;
      return [{ reads: 'before the write' }];
    });
    host.stamp = 2;
    expect(await ask()).toBe(1);
  });

  test('what was read between two writes is not kept for the time after the second', async () => {
    const { cache, ask, host } = fixture();
    await cache.read('state', async () => {
      host.stamp = 2;
      return [{ reads: 'before the write' }];
    });
    expect(await ask()).toBe(1);
  });

  test('a write that the host does not see is missed for no longer than half a second', async () => {
    const { ask, host } = fixture();
    await ask();
    host.time = 499;
    expect(await ask()).toBe(1);
    host.time = 500;
    expect(await ask()).toBe(2);
  });

  test('requests that ask for the same at once share one read, however long it takes', async () => {
    const { cache, host } = fixture();
    const { promise, resolve } = Promise.withResolvers<void>();
    let reads = 0;
    const ask = () =>
      cache.read('run', async () => {
        reads += 1;
        await promise;
        return [{ reads }];
      });
    const asked = [ask(), ask()];
    host.time = 499;
    asked.push(ask());
    resolve();
    expect(await Promise.all(asked)).toEqual([[{ reads: 1 }], [{ reads: 1 }], [{ reads: 1 }]]);
    host.time = 500;
    expect(await ask()).toEqual([{ reads: 2 }]);
  });

  test('a read that began before a write answers nobody who asks after it', async () => {
    const { cache, ask, host } = fixture();
    const { promise, resolve } = Promise.withResolvers<void>();
    const early = cache.read('state', async () => {
      await promise;
      return [{ reads: 'before the write' }];
    });
    host.stamp = 2;
    const late = ask();
    resolve();
    expect(await early).toEqual([{ reads: 'before the write' }]);
    expect([await late, await ask()]).toEqual([1, 1]);
  });

  test('a read that fails is tried again by the next one', async () => {
    const { cache, ask } = fixture();
    const failing = cache.read('state', () => Promise.reject(new Error('no table')));
    await expect(failing).rejects.toThrow('no table');
    expect(await ask()).toBe(1);
  });

  test('any number of different reads keeps no more than a few', async () => {
    const { ask } = fixture();
    for (let key = 0; key < 21; key += 1) await ask(String(key));
    expect(await ask('0')).toBe(22);
  });
});

describe('the stamp that a host shares', () => {
  test('a stamp is a number between writes, null during one, and another number afterwards', () => {
    const name = randomUUID();
    const counters = new Int32Array(new SharedArrayBuffer(8));
    setEnvironmentData(name, counters.buffer);
    const stamp = sharedWriteStamp(name);
    expect(stamp?.()).toBe(0);
    counters.set([1, 1]);
    expect(stamp?.()).toBeNull();
    counters.set([2, 0]);
    expect(stamp?.()).toBe(2);
    setEnvironmentData(name, undefined);
  });

  test('where no host shares a stamp there is none, and everything is read', async () => {
    expect(sharedWriteStamp(randomUUID())).toBeUndefined();
    expect(await noReadCache.read('state', async () => [{ a: 1 }])).toEqual([{ a: 1 }]);
    expect(await noReadCache.read('state', async () => [{ a: 2 }])).toEqual([{ a: 2 }]);
  });
});
