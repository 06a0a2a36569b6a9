import { afterEach, describe, expect, test } from 'vitest';
import type { PoolOptions } from '../../../runtime/buffered-pool.ts';
import { openStreamingPool, type StreamingPool } from '../../../runtime/multiplexer.ts';
import { eventually } from '../../support/eventually.ts';
import { poolOptions } from '../../support/fixtures.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { recordingSink } from '../../support/recording-sink.ts';

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

describe('streamed responses', () => {
  test('a streamed response has the status, headers and cookies of its prelude and the body in order', async () => {
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

  test('a handler that fails before its response begins fails the invocation', async () => {
    const { sink } = pool().request({ do: 'fail at once' });
    expect(await sink.closed).toMatchObject({ errorType: 'Error', errorMessage: 'asked to fail' });
    expect(sink.preludes).toEqual([]);
  });

  test('a response whose handler fails halfway breaks off after what was written', async () => {
    const log = memoryLog();
    const { sink } = pool({ log }).request({ do: 'fail in the middle' });
    expect(await sink.closed).toMatchObject({ errorMessage: 'asked to fail in the middle' });
    expect(sink.text()).toBe('first');
    expect(log.entries).toMatchObject([{ level: 'ERROR', message: 'A stream of fixture failed.' }]);
  });

  test('a response whose handler destroys the stream breaks off', async () => {
    const { sink } = pool().request({ do: 'close in the middle' });
    expect(await sink.closed).toBeNull();
    expect(sink.text()).toBe('first');
  });

  test('a streamed response lasts no longer than the timeout', async () => {
    const { sink } = pool({ timeoutSeconds: 0.5 }).request({ do: 'stay' });
    expect(await sink.closed).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  test('a response breaks off when its worker dies, and another worker serves the next', async () => {
    const fixture = pool();
    const { sink } = fixture.request({ do: 'stay' });
    await eventually(() => expect(sink.text()).toBe('here'));
    fixture.request({ do: 'exit' });
    expect(await sink.closed).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(await fixture.text({ text: 'fine' })).toBe('fine');
  });

  test('a buffered handler is rejected by a streaming pool', async () => {
    const { sink } = pool({}, 'buffered').request({});
    expect(await sink.closed).toMatchObject({ errorType: 'Runtime.WrongHandler' });
  });
});

describe('back-pressure', () => {
  test('a handler pauses when the window is full and continues when its client reads', async () => {
    const fixture = pool();
    const { sink, handle } = fixture.request({ do: 'flood', bytes: '10000000' });
    sink.taking = false;
    await eventually(() => expect(sink.bytes()).toBeGreaterThanOrEqual(65_536));
    // Meanwhile another stream is sent completely, so the first had every chance to send more.
    await fixture.text({ do: 'count', to: '1000' });
    expect(sink.bytes()).toBeLessThan(2 * 65_536);
    sink.taking = true;
    handle.drained();
    expect(await sink.closed).toBe('ended');
    expect(sink.bytes()).toBeGreaterThanOrEqual(10_000_000);
  });

  test("a client that disconnects ends its handler's stream", async () => {
    const fixture = pool();
    const { sink, handle } = fixture.request({ do: 'flood', bytes: '1e12', name: 'gone' });
    sink.taking = false;
    await eventually(() => expect(sink.bytes()).toBeGreaterThan(0));
    handle.abort();
    await eventually(async () => expect(await fixture.text({ do: 'endings' })).toContain('gone broken off'));
  });

  test('a disconnected client does not count as a failure of the function', async () => {
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
  test('one worker carries many streams and sends a chunk for all of them to the host once', async () => {
    const fixture = pool();
    const viewers = Array.from({ length: 1_000 }, () => fixture.request({ do: 'stay' }).sink);
    await eventually(() => expect(viewers.every((sink) => sink.text() === 'here')).toBe(true));
    await fixture.text({ do: 'broadcast', text: 'x'.repeat(20_000) });
    expect(viewers.every((sink) => sink.bytes() === 20_004)).toBe(true);
    const buffers = new Set(viewers.map((sink) => sink.buffers().at(-1)));
    expect(buffers.size).toBe(1);
  });

  test('many streams are spread over all workers', async () => {
    const fixture = pool({ workers: 2 });
    const [one, two] = [fixture.request({ do: 'stay' }), fixture.request({ do: 'stay' })];
    await eventually(() => expect(one.sink.text() + two.sink.text()).toBe('herehere'));
    await fixture.text({ do: 'broadcast', text: '!' });
    expect([one.sink.text(), two.sink.text()].sort()).toEqual(['here', 'here!']);
  });
});

describe('closing a multiplexer', () => {
  test('a closing multiplexer lets the function end its streams itself', async () => {
    const fixture = pool();
    const { sink } = fixture.request({ do: 'stay' });
    await eventually(() => expect(sink.text()).toBe('here'));
    await fixture.close(60_000);
    expect(await sink.closed).toBe('ended');
    expect(sink.text()).toBe('heregoodbye');
  });

  test('a closing multiplexer ends the remaining streams after the grace period', async () => {
    const fixture = pool();
    const { sink } = fixture.request({ do: 'flood', bytes: '1e12' });
    sink.taking = false;
    await eventually(() => expect(sink.bytes()).toBeGreaterThan(0));
    await fixture.close(10);
    expect(await sink.closed).toBe('ended');
  });
});
