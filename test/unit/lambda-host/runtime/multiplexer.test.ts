import { afterEach, describe, expect, test } from 'vitest';
import type { PoolOptions } from '../../../../infra/lambda-host/runtime/buffered-pool.ts';
import { openStreamingPool, type StreamingPool } from '../../../../infra/lambda-host/runtime/multiplexer.ts';
import { eventually } from '../../../support/eventually.ts';
import { poolOptions } from '../../../support/lambda-host/fixtures.ts';
import { recordingSink } from '../../../support/lambda-host/recording-sink.ts';
import { memoryLog } from '../../../support/memory-log.ts';

const pools: StreamingPool[] = [];

function pool(options: Partial<PoolOptions> = {}, fixture: 'buffered' | 'streaming' = 'streaming') {
  const opened = openStreamingPool(poolOptions(fixture, options));
  pools.push(opened);
  return {
    ...opened,
    request(query: Record<string, string>) {
      const sink = recordingSink();
      const event = { rawPath: '/stream/x', queryStringParameters: query };
      return { sink, handle: opened.open(JSON.stringify(event), sink) };
    },
    async text(query: Record<string, string>) {
      const { sink } = this.request(query);
      expect(await sink.closed).toBe('ended');
      return sink.text();
    },
  };
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((opened) => opened.close(0)));
});

describe('a streamed response', () => {
  test('has the status, headers and cookies of its prelude and the body in order', async () => {
    const { sink } = pool().request({ do: 'count', to: '5', status: '201' });
    expect(await sink.closed).toBe('ended');
    expect(sink.preludes).toEqual([
      {
        statusCode: 201,
        headers: { 'content-type': 'text/plain', 'x-path': '/stream/x' },
        cookies: ['a=1', 'b=2'],
      },
    ]);
    expect(sink.text()).toBe('0\n1\n2\n3\n4\n');
  });

  test('of a handler that fails before it began is a failure', async () => {
    const { sink } = pool().request({ do: 'fail at once' });
    expect(await sink.closed).toMatchObject({ errorType: 'Error', errorMessage: 'asked to fail' });
    expect(sink.preludes).toEqual([]);
  });

  test('of a handler that fails in the middle breaks off after what was written', async () => {
    const log = memoryLog();
    const { sink } = pool({ log }).request({ do: 'fail in the middle' });
    expect(await sink.closed).toMatchObject({ errorMessage: 'asked to fail in the middle' });
    expect(sink.text()).toBe('first');
    expect(log.entries).toMatchObject([{ level: 'ERROR', message: 'A stream of fixture failed.' }]);
  });

  test('of a handler that destroys its stream breaks off', async () => {
    const { sink } = pool().request({ do: 'close in the middle' });
    expect(await sink.closed).toBeNull();
    expect(sink.text()).toBe('first');
  });

  test('lasts no longer than the timeout', async () => {
    const { sink } = pool({ timeoutSeconds: 0.5 }).request({ do: 'stay' });
    expect(await sink.closed).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  test('breaks off when the worker dies; the next one is served by another', async () => {
    const fixture = pool();
    const { sink } = fixture.request({ do: 'stay' });
    await eventually(() => expect(sink.text()).toBe('here'));
    fixture.request({ do: 'exit' });
    expect(await sink.closed).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(await fixture.text({ text: 'fine' })).toBe('fine');
  });

  test('of a handler that does not stream is refused', async () => {
    const { sink } = pool({}, 'buffered').request({});
    expect(await sink.closed).toMatchObject({ errorType: 'Runtime.WrongHandler' });
  });
});

describe('back-pressure', () => {
  test('a client that reads nothing stops its handler after the window, one that reads lets it go on', async () => {
    const fixture = pool();
    const { sink, handle } = fixture.request({ do: 'flood', bytes: '10000000' });
    sink.taking = false;
    await eventually(() => expect(sink.bytes()).toBeGreaterThanOrEqual(65_536));
    // A whole other stream passes meanwhile, so the first had every chance to send more.
    await fixture.text({ do: 'count', to: '1000' });
    expect(sink.bytes()).toBeLessThan(2 * 65_536);
    sink.taking = true;
    handle.drained();
    expect(await sink.closed).toBe('ended');
    expect(sink.bytes()).toBeGreaterThanOrEqual(10_000_000);
  });

  test('a client that goes ends the stream in the handler', async () => {
    const fixture = pool();
    const { sink, handle } = fixture.request({ do: 'flood', bytes: '1e12', name: 'gone' });
    sink.taking = false;
    await eventually(() => expect(sink.bytes()).toBeGreaterThan(0));
    handle.abort();
    await eventually(async () => expect(await fixture.text({ do: 'endings' })).toContain('gone broken off'));
  });

  test('a client that goes is no failure of the function', async () => {
    const log = memoryLog();
    const fixture = pool({ log });
    const { sink, handle } = fixture.request({ do: 'fail once the client has gone' });
    await eventually(() => expect(sink.text()).toBe('first'));
    handle.abort();
    await fixture.text({ do: 'endings' });
    expect(log.entries).toEqual([]);
  });
});

describe('many streams', () => {
  test('are carried by one worker, and what is written to all crosses to the host once', async () => {
    const fixture = pool();
    const viewers = Array.from({ length: 1_000 }, () => fixture.request({ do: 'stay' }).sink);
    await eventually(() => expect(viewers.every((sink) => sink.text() === 'here')).toBe(true));
    await fixture.text({ do: 'broadcast', text: 'x'.repeat(20_000) });
    expect(viewers.every((sink) => sink.bytes() === 20_004)).toBe(true);
    const buffers = new Set(viewers.map((sink) => sink.buffers().at(-1)));
    expect(buffers.size).toBe(1);
  });

  test('spread over the workers there are', async () => {
    const fixture = pool({ workers: 2 });
    const [one, two] = [fixture.request({ do: 'stay' }), fixture.request({ do: 'stay' })];
    await eventually(() => expect(one.sink.text() + two.sink.text()).toBe('herehere'));
    await fixture.text({ do: 'broadcast', text: '!' });
    expect([one.sink.text(), two.sink.text()].sort()).toEqual(['here', 'here!']);
  });
});

describe('closing', () => {
  test('lets the function end its streams in order', async () => {
    const fixture = pool();
    const { sink } = fixture.request({ do: 'stay' });
    await eventually(() => expect(sink.text()).toBe('here'));
    await fixture.close(60_000);
    expect(await sink.closed).toBe('ended');
    expect(sink.text()).toBe('heregoodbye');
  });

  test('ends the rest after the grace', async () => {
    const fixture = pool();
    const { sink } = fixture.request({ do: 'flood', bytes: '1e12' });
    sink.taking = false;
    await eventually(() => expect(sink.bytes()).toBeGreaterThan(0));
    await fixture.close(10);
    expect(await sink.closed).toBe('ended');
  });
});
