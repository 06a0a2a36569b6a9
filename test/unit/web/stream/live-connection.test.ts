import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { saleFrame, sseComment, sseMessage } from '../../../../functions/live/frames.ts';
import type { Message } from '../../../../web/state/reduce.ts';
import { connectLive, retryDelay } from '../../../../web/stream/live-connection.ts';
import { createMessageReader } from '../../../../web/stream/message-reader.ts';
import { storedSale } from '../../../support/live-world.ts';

const frames = (...ids: number[]) => ids.map((id) => saleFrame(storedSale({ id }))).join('');

describe('the message reader', () => {
  test('a stream gives the same sales in the same order, however it is cut into chunks', () => {
    const text = frames(1, 2, 3) + sseMessage({ event: 'status', data: '{}' }) + sseComment('x') + frames(4);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const reader = createMessageReader();
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
        const received = edges
          .slice(1)
          .flatMap((end, index) => reader.read(text.slice(edges[index], end), 5));
        const seen = received.flatMap(({ message }) =>
          message.type === 'sales' ? message.sales.map(({ id }) => String(id)) : [message.type],
        );
        expect(seen).toEqual(['1', '2', '3', 'status', '4']);
        expect(received.at(-1)?.lastId).toBe('4');
      }),
    );
  });

  test('each message comes with the position of the stream after it', () => {
    const reader = createMessageReader();
    const text = frames(1, 2) + sseMessage({ event: 'status', data: '{}' }) + frames(3);
    const received = reader.read(text + sseMessage({ event: 'reset', data: '{}' }), 5);
    expect(received.map(({ message, lastId }) => [message.type, lastId])).toEqual([
      ['sales', '2'],
      ['status', undefined],
      ['sales', '3'],
      ['reset', null],
    ]);
  });

  test('a message left incomplete by a broken connection is dropped', () => {
    const reader = createMessageReader();
    expect(reader.read(frames(1) + frames(2).slice(0, 30), 5)).toMatchObject([{ lastId: '1' }]);
    reader.restart();
    expect(reader.read(frames(2), 6)).toMatchObject([{ message: { type: 'sales', sales: [{ id: 2 }] } }]);
  });
});

test('the wait between attempts doubles up to half a minute, has jitter, and is at least what the server asks for', () => {
  expect([1, 2, 3, 7, 50].map((failures) => retryDelay(failures, 0.999999))).toEqual([
    500, 1_000, 2_000, 30_000, 30_000,
  ]);
  expect(retryDelay(3, 0)).toBe(1_000);
  expect(retryDelay(1, 0, 5_000)).toBe(5_000);
});

describe('the connection of the page', () => {
  const requests: string[] = [];
  const messages: Message[] = [];
  const streams: { response: Response; fail: () => void }[] = [];
  let answer: () => Response | Promise<Response>;

  /** A stream that stays open; `send` and `end` are its server, `fail` what an abort does to it. */
  function openStream() {
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = controller;
      },
    });
    const opened = {
      response: new Response(body),
      send: (text: string) => stream?.enqueue(new TextEncoder().encode(text)),
      end: () => stream?.close(),
      fail: () => stream?.error(new Error('aborted')),
    };
    streams.push(opened);
    return opened;
  }
  const connections = () => messages.flatMap((each) => (each.type === 'connection' ? [each.connection] : []));
  const kinds = () => connections().map(({ kind }) => kind);
  const settle = () => vi.advanceTimersByTimeAsync(0);

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    requests.length = 0;
    messages.length = 0;
    vi.stubGlobal('fetch', async (address: string, { signal }: { signal: AbortSignal }) => {
      requests.push(address);
      const response = await answer();
      const open = streams.find((each) => each.response === response);
      signal.addEventListener('abort', () => open?.fail());
      return response;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  test('a resumed stream continues after the last id', async () => {
    const first = openStream();
    answer = () => first.response;
    connectLive('/stream/events', (message) => messages.push(message));
    await settle();
    first.send(frames(7));
    await settle();
    const second = openStream();
    answer = () => second.response;
    first.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requests).toEqual(['/stream/events', '/stream/events?since=7']);
    expect(connections().at(-1)).toMatchObject({ kind: 'live', resumed: true });
    expect(connections().find(({ kind }) => kind === 'live')).toMatchObject({ resumed: false });
  });

  test('the page reconnects at once when the server ends a long-lived stream in good order', async () => {
    const first = openStream();
    answer = () => first.response;
    connectLive('/stream/events', (message) => messages.push(message));
    for (let second = 0; second < 20; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      first.send(sseComment('still here'));
    }
    answer = () => openStream().response;
    first.end();
    await settle();
    expect(kinds()).toEqual(['connecting', 'live', 'connecting', 'live']);
  });

  test('a refused connection waits as long as the server asks, and says why', async () => {
    answer = () =>
      Response.json({ code: 'too_many_viewers' }, { status: 503, headers: { 'retry-after': '5' } });
    connectLive('/stream/events', (message) => messages.push(message));
    await vi.advanceTimersByTimeAsync(4_900);
    expect(requests).toHaveLength(1);
    expect(connections().at(-1)).toMatchObject({ kind: 'away', problem: { code: 'too_many_viewers' } });
    await vi.advanceTimersByTimeAsync(200);
    expect(requests).toHaveLength(2);
  });

  test('the page reconnects when the server is back, and at once when the person asks for it', async () => {
    answer = () => Promise.reject(new TypeError('refused'));
    const connection = connectLive('/stream/events', (message) => messages.push(message));
    await vi.advanceTimersByTimeAsync(10_000);
    const attempts = requests.length;
    expect(attempts).toBeGreaterThan(3);
    answer = () => openStream().response;
    connection.retryNow();
    await settle();
    expect(requests).toHaveLength(attempts + 1);
    expect(kinds().at(-1)).toBe('live');
  });

  test('an unreadable message is reported, and everything that came with it is requested again', async () => {
    const told = vi.fn();
    vi.stubGlobal('reportError', told);
    const first = openStream();
    answer = () => first.response;
    connectLive('/stream/events', (message) => messages.push(message));
    await settle();
    first.send(frames(7));
    await settle();
    first.send(frames(8) + sseMessage({ event: 'status', data: '{' }) + frames(9));
    await settle();
    expect(connections().at(-1)).toMatchObject({ kind: 'away', problem: { code: 'unreadable' } });
    expect(told).toHaveBeenCalledOnce();
    const second = openStream();
    answer = () => second.response;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requests.at(-1)).toBe('/stream/events?since=7');
    second.send(frames(8, 9));
    await settle();
    expect(messages.at(-1)).toMatchObject({ type: 'sales', sales: [{ id: 8 }, { id: 9 }] });
  });

  test('a message that the page failed to process is requested again', async () => {
    vi.stubGlobal('reportError', vi.fn());
    const first = openStream();
    answer = () => first.response;
    let fails = true;
    connectLive('/stream/events', (message) => {
      if (fails && message.type === 'status') throw new Error('not taken');
      messages.push(message);
    });
    await settle();
    first.send(frames(7) + sseMessage({ event: 'status', data: '{}' }) + frames(8));
    await settle();
    fails = false;
    const second = openStream();
    answer = () => second.response;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requests.at(-1)).toBe('/stream/events?since=7');
    second.send(frames(8));
    await settle();
    const sales = messages.flatMap((each) => (each.type === 'sales' ? each.sales : []));
    expect(sales.map(({ id }) => id)).toEqual([7, 8]);
  });

  test('a connection without a byte counts as dead, even if the network does not notice', async () => {
    answer = () => openStream().response;
    connectLive('/stream/events', (message) => messages.push(message));
    await vi.advanceTimersByTimeAsync(22_000);
    expect(requests).toHaveLength(2);
  });

  test('a request that is never answered counts as dead', async () => {
    vi.stubGlobal('fetch', (address: string, { signal }: { signal: AbortSignal }) => {
      requests.push(address);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    connectLive('/stream/events', (message) => messages.push(message));
    await vi.advanceTimersByTimeAsync(22_000);
    expect(requests).toHaveLength(2);
  });
});
