import { describe, expect, test } from 'vitest';
import { HttpProblem } from '../../../../shared/api/errors.ts';
import { liveStreamOnFakes, twoDays } from '../../../support/live-stage.ts';
import { sseClient } from '../../../support/sse-client.ts';

describe('an outage of a dependency', () => {
  test('viewers stay connected during an outage, and receive what they missed afterwards', async () => {
    const { stage, world, clock, log } = twoDays();
    const client = await stage.viewer();
    world.failing.feed = true;
    world.commit(4);
    world.reportHead();
    await clock.advance(60_000);
    expect(client.isConnected()).toBe(true);
    const attempts = world.requests.length;
    await clock.advance(60_000);
    expect(world.requests.length - attempts).toBeLessThanOrEqual(13);
    world.failing.feed = false;
    await clock.advance(6_000);
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(world.idsOf(world.runId()).slice(5));
    expect(log).toEqual([
      'The live stream cannot read the stores; its viewers wait.',
      'The live stream can read the stores again.',
    ]);
  });

  test('a viewer that connects during an outage receives heartbeats, the status if the table responds, and the sales later', async () => {
    const { stage, world, clock, secondDay } = twoDays();
    world.failing.feed = true;
    const client = await stage.viewer();
    expect(client.trace()).toEqual(['retry', 'status']);
    for (let second = 0; second < 5; second += 1) {
      await clock.advance(1_000);
      client.read();
    }
    expect(client.trace()).toEqual(['retry', 'status', 'comment']);
    world.failing.feed = false;
    // The longest back-off.
    await clock.advance(5_000);
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(secondDay);
  });

  test('no viewer waits for deleted rows', async () => {
    const { stage, world, ids } = twoDays();
    world.loseRows();
    const client = await stage.viewer('0');
    expect(client.ids()).toEqual([]);
    world.commit(1);
    world.reportHead();
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(world.idsOf(world.runId()));
    expect(client.ids()[0]).toBeGreaterThan(ids.at(-1) ?? 0);
  });
});

describe('the end of a stream', () => {
  test('a stream ends cleanly after its lifetime', async () => {
    const { stream, clock, stage } = twoDays();
    const client = sseClient();
    const body = stream.open({ kind: 'none' }, 120_000);
    const ended = new Promise((resolve) => body.once('end', resolve));
    client.connect(body);
    await stage.quiesce([client]);
    await clock.advance(115_000);
    client.read();
    expect(client.isConnected()).toBe(true);
    await clock.advance(10_000);
    client.read();
    client.read();
    await ended;
  });

  test('all streams end cleanly at shutdown', async () => {
    const { stage, stream } = twoDays();
    const clients = [await stage.viewer(), await stage.viewer()];
    stream.close();
    await stage.settle();
    for (const client of clients) client.read(2);
    await stage.settle();
    expect(clients.map((client) => client.isConnected())).toEqual([false, false]);
    expect(stream.size()).toBe(0);
  });

  test('a stream ends after 30 s without a read, while an occasional reader stays connected', async () => {
    const { stage, world, clock } = twoDays({ timings: { viewerBufferBytes: 100 } });
    const clients = [sseClient(), sseClient()];
    const [sleeper, walker] = [clients[0] ?? sseClient(), clients[1] ?? sseClient()];
    for (const client of clients) stage.connect(client);
    await clock.advance(1_000);
    for (let seconds = 0; seconds < 60; seconds += 10) {
      world.commit(2);
      world.reportHead();
      await clock.advance(10_000);
      walker.read();
    }
    expect(sleeper.isConnected()).toBe(false);
    expect(walker.isConnected()).toBe(true);
  });

  test('a stream ends at once when its reader disconnects, even if it is idle', async () => {
    const { stage, stream, settle } = { ...twoDays(), settle: liveStreamOnFakes().settle };
    const client = await stage.viewer();
    expect(stream.size()).toBe(1);
    client.breakOff();
    await settle();
    expect(stream.size()).toBe(0);
  });
});

describe('a slow reader', () => {
  test('a slow reader costs bounded memory, because no chunk is made before it has read the previous ones', async () => {
    const { stage, world, stream } = twoDays({
      timings: { viewerBufferBytes: 2_000, pageSize: 4, logBytes: 5_000 },
    });
    const body = stream.open({ kind: 'none' }, 3_600_000);
    const client = sseClient();
    client.connect(body);
    await stage.quiesce([client]);
    for (let round = 0; round < 50; round += 1) {
      world.commit(4);
      world.reportHead();
      await stage.clock.advance(100);
    }
    expect(body.readableLength).toBeLessThan(2_000 + 4 * 400);
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(world.idsOf(world.runId()).slice(5));
  });

  test('a slow reader takes one place, and a viewer over the limit is asked to come back later', async () => {
    const { stage, stream } = twoDays({ maxViewers: 2 });
    const client = await stage.viewer();
    await stage.viewer();
    const refused = () => stream.open({ kind: 'none' }, 1_000);
    expect(refused).toThrow(HttpProblem);
    expect(refused).toThrow(
      expect.objectContaining({ code: 'too_many_viewers', headers: { 'retry-after': '5' } }),
    );
    client.breakOff();
    await stage.settle();
    expect(refused).not.toThrow();
  });
});

describe('viewers that catch up', () => {
  test('viewers at the same position share one request for a page', async () => {
    const { stage, world, ids } = twoDays({ timings: { pageSize: 3 } });
    const clients = Array.from({ length: 20 }, () => sseClient());
    for (const client of clients) stage.connect(client, { since: '0' });
    await stage.quiesce(clients);
    for (const client of clients) expect(client.ids()).toEqual(ids);
    const pages = world.requests.filter(
      ({ position }) => position.kind === 'after' && position.id < (ids.at(-1) ?? 0),
    );
    expect(pages.map(({ position }) => position)).toEqual([
      { kind: 'after', id: 0 },
      { kind: 'after', id: ids[2] },
      { kind: 'after', id: ids[5] },
    ]);
  });

  test('sales that accumulated during a pause are read as pages, and the log continues from their end', async () => {
    const { stage, world } = twoDays({ timings: { pageSize: 3 } });
    const first = await stage.viewer();
    first.breakOff();
    await stage.settle();
    world.nextDay();
    world.commit(30);
    world.reportHead();
    const before = world.requests.length;
    const second = await stage.viewer();
    expect(second.ids()).toEqual(world.idsOf(world.runId()).slice(-30));
    // One for the end of the tail, one for the first page of the day, nine for the other pages.
    expect(world.requests.length - before).toBe(11);
  });

  test('viewers that resume within the newest events cause no request', async () => {
    const { stage, world } = twoDays();
    const first = await stage.viewer();
    world.commit(5);
    world.reportHead();
    await stage.quiesce([first]);
    const before = world.requests.length;
    const ids = world.idsOf(world.runId());
    const second = await stage.viewer(String(ids.at(-3)));
    expect(second.ids()).toEqual(ids.slice(-2));
    expect(world.requests).toHaveLength(before);
  });
});
