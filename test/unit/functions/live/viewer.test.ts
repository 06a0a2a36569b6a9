import { describe, expect, test } from 'vitest';
import { liveStreamOnFakes, twoDays } from '../../../support/live-stage.ts';
import { DAY_TOTAL } from '../../../support/live-world.ts';
import { sseClient } from '../../../support/sse-client.ts';

describe('the beginning of a stream', () => {
  test('a stream begins with the reconnection time, the status, and the current day from its start', async () => {
    const { stage, secondDay } = twoDays();
    const client = await stage.viewer();
    expect(client.trace()).toEqual(['retry', 'status', 'opening', 'sale', 'sale', 'sale']);
    expect(client.ids()).toEqual(secondDay);
    expect(client.opening()).toEqual({ day_index: 1, before_id: (secondDay.at(-1) ?? 0) + 1 });
  });

  test('a stream that begins in a backlog has the current day alone of what is stored by then, and everything after it', async () => {
    // A jump to the third day, whose sales were stored beside those of the days before. Pages of two.
    const { world, ...stage } = liveStreamOnFakes({ timings: { pageSize: 2 } });
    world.startRun();
    for (let day = 0; day < 3; day += 1) world.nextDay();
    for (const [sales, dayIndex] of [
      [3, 0],
      [2, 2],
      [4, 1],
      [3, 0],
      [1, 2],
      [2, 1],
    ] as const)
      world.commit(sales, dayIndex);
    world.reportHead();
    const stored = world.idsOf(world.runId());
    const client = await stage.viewer();
    expect(client.ids()).toEqual(stored.filter((id) => world.dayOf(id) === 2));
    expect(client.opening()).toEqual({ day_index: 2, before_id: (stored.at(-1) ?? 0) + 1 });

    for (const [sales, dayIndex] of [
      [2, 1],
      [3, 2],
      [1, 0],
    ] as const)
      world.commit(sales, dayIndex);
    world.reportHead();
    await stage.quiesce([client]);
    expect(client.ids().slice(3)).toEqual(world.idsOf(world.runId()).slice(stored.length));
  });

  test('a stream that breaks within its opening resumes with every sale after the last id', async () => {
    const { world, ...stage } = liveStreamOnFakes({ timings: { pageSize: 1, viewerBufferBytes: 1 } });
    world.startRun();
    for (let day = 0; day < 2; day += 1) world.nextDay();
    for (const [sales, dayIndex] of [
      [1, 1],
      [3, 0],
      [2, 1],
    ] as const)
      world.commit(sales, dayIndex);
    world.reportHead();
    const stored = world.idsOf(world.runId());
    const client = sseClient();
    stage.connect(client);
    for (let polls = 0; polls < 20 && client.ids().length === 0; polls += 1) {
      await stage.clock.advance(50);
      client.read(1);
    }
    expect(client.ids()).toEqual(stored.slice(0, 1));
    client.breakOff();
    stage.connect(client);
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(stored);
  });

  test('a stream that begins with a day whose successor is already stored has both', async () => {
    const { world, ...stage } = liveStreamOnFakes();
    world.startRun();
    for (let day = 0; day < 2; day += 1) world.nextDay();
    // The state that the stream reads may be older than the sales.
    for (const [sales, dayIndex] of [
      [2, 0],
      [2, 2],
      [3, 1],
      [1, 2],
    ] as const)
      world.commit(sales, dayIndex);
    world.reportHead();
    const client = await stage.viewer();
    expect(client.ids()).toEqual(world.idsOf(world.runId()).slice(2));
  });

  test('a stream that begins on a day without sales omits all earlier sales', async () => {
    const { stage, world } = twoDays();
    world.nextDay();
    const client = await stage.viewer();
    expect(client.ids()).toEqual([]);
    world.commit(2);
    world.reportHead();
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(world.idsOf(world.runId()).slice(-2));
  });

  test('a resumed stream continues after the last id, even if that is from an earlier day', async () => {
    const { stage, ids } = twoDays();
    const client = await stage.viewer(String(ids[2]));
    expect(client.trace()).not.toContain('reset');
    expect(client.ids()).toEqual(ids.slice(3));
  });

  test.each(['0', '-1', '999', '99999999999999999999', '4'])(
    'a stream resumed from the unknown id %s begins with a reset and the complete run',
    async (since) => {
      const { stage, ids } = twoDays();
      expect(ids).not.toContain(Number(since));
      const client = await stage.viewer(since);
      expect(client.trace().slice(0, 3)).toEqual(['retry', 'reset', 'status']);
      expect(client.ids()).toEqual(ids);
    },
  );

  test('a stream resumed from an id of the previous run begins with a reset', async () => {
    const { stage, world, ids } = twoDays();
    world.startRun();
    const client = await stage.viewer(String(ids[2]));
    expect(client.trace()).toEqual(['retry', 'reset', 'status']);
  });

  test('a stream begins with a status before the first init, and the first run follows without a reset', async () => {
    const stage = liveStreamOnFakes();
    const client = await stage.viewer();
    expect(client.trace()).toEqual(['retry', 'status']);
    expect(client.lastStatus()).toMatchObject({ run_id: null, day_index: -1 });
    stage.world.startRun();
    stage.world.nextDay();
    stage.world.commit(2);
    stage.world.reportHead();
    await stage.quiesce([client]);
    expect(client.trace()).not.toContain('reset');
    expect(client.ids()).toHaveLength(2);
  });
});

describe('a change while a stream finds its start position', () => {
  test('a stream sends nothing of a run that is replaced while the stream finds its start position', async () => {
    const { stage, world, clock } = twoDays();
    const release = world.holdFeed('day');
    const client = await stage.viewer();
    expect(client.trace()).toEqual(['retry']);
    world.startRun();
    await clock.advance(1_000);
    release();
    await stage.quiesce([client]);
    expect(client.trace()).toEqual(['retry', 'status']);
    expect(client.lastStatus()).toMatchObject({ day_index: -1 });
  });

  test('a viewer connected before the first run receives every sale of that run', async () => {
    const stage = liveStreamOnFakes();
    const { world } = stage;
    const client = await stage.viewer();
    world.startRun();
    for (let day = 0; day < 3; day += 1) {
      world.nextDay();
      world.commit(4);
    }
    world.reportHead();
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(world.idsOf(world.runId()));
  });
});

describe('a stream that follows new sales', () => {
  test('a viewer receives a sale with the poll that finds it', async () => {
    const { stage, world, clock } = twoDays();
    const client = await stage.viewer();
    world.commit(1);
    world.reportHead();
    await clock.advance(50);
    client.read();
    expect(client.ids()).toHaveLength(4);
  });

  test('a viewer receives the new run from its start after a reset, and no late sales of the old run', async () => {
    const { stage, world } = twoDays();
    const client = await stage.viewer();
    world.startRun();
    world.nextDay();
    world.commit(2);
    world.commitToFormerRun(2);
    world.commit(1);
    world.reportHead();
    await stage.quiesce([client]);
    expect(client.ids()).toEqual(world.idsOf(world.runId()));
    expect(client.trace().filter((name) => name === 'reset')).toHaveLength(1);
  });

  test('a viewer receives sales before the status that counts them, even if the count is written before the head', async () => {
    const { stage, world } = twoDays();
    const client = await stage.viewer();
    world.commit(2);
    world.reportCount();
    await stage.quiesce([client]);
    expect(client.trace().slice(6)).toEqual(['sale', 'sale', 'status']);
    expect(client.lastStatus()).toMatchObject({ day_received: 5 });
  });

  test('the status of an accepted day comes with its sales if they are stored within 100 ms', async () => {
    const { stage, world, clock } = twoDays();
    const client = await stage.viewer();
    const before = client.trace().length;
    world.nextDay();
    stage.stream.notifyWrite();
    await clock.advance(50);
    client.read(10);
    world.commit(DAY_TOTAL);
    world.reportHead();
    world.reportCount();
    await clock.advance(50);
    client.read(20);
    expect(client.trace().slice(before)).toEqual([...Array(DAY_TOTAL).fill('sale'), 'status']);
    expect(client.lastStatus()).toMatchObject({ day_index: 2, day_received: DAY_TOTAL });
  });

  test('the status of an accepted day comes alone 100 ms later if none of its sales is stored by then', async () => {
    const { stage, world, clock } = twoDays();
    const client = await stage.viewer();
    const before = client.trace().length;
    world.nextDay();
    // Found by a poll of the quiet stream, then held during two of the active one.
    await clock.advance(250 + 100);
    client.read(10);
    expect(client.trace().slice(before)).toEqual(['status']);
    expect(client.lastStatus()).toMatchObject({ day_index: 2, day_received: 0 });
  });

  test('days that are accepted one after the other without a sale hold back no status for longer than 100 ms', async () => {
    const { stage, world, clock } = twoDays();
    const client = await stage.viewer();
    const seen: number[] = [];
    for (let polls = 0; polls < 20; polls += 1) {
      world.nextDay();
      await clock.advance(50);
      client.read(10);
      seen.push(world.dayIndex() - (client.lastStatus()?.day_index ?? 0));
    }
    // Behind by the quiet pause at first, then by at most the days of 100 ms and of the polls around them.
    expect(Math.max(...seen.slice(6))).toBeLessThanOrEqual(3);
  });

  test('the status of a new run waits for nothing', async () => {
    const { stage, world, clock } = twoDays();
    const client = await stage.viewer();
    const before = client.trace().length;
    world.startRun();
    world.nextDay();
    await clock.advance(250);
    client.read(10);
    expect(client.trace().slice(before)).toEqual(['reset', 'status']);
  });

  test('an idle stream receives only heartbeat comments', async () => {
    const { stage, clock } = twoDays();
    const client = await stage.viewer();
    const before = client.trace().length;
    for (let second = 0; second < 14; second += 1) {
      await clock.advance(1_000);
      client.read();
    }
    expect(client.trace().slice(before)).toEqual(['comment', 'comment', 'comment']);
  });

  test('an idle stream polls only the table, and nothing is polled without viewers', async () => {
    const { stage, world, clock } = twoDays();
    const clients = [await stage.viewer(), await stage.viewer(), await stage.viewer()];
    await clock.advance(60_000);
    const [requests, polls] = [world.requests.length, world.polls()];
    await clock.advance(10_000);
    expect(world.requests).toHaveLength(requests);
    expect(world.polls() - polls).toBe(40);
    for (const client of clients) client.breakOff();
    await stage.settle();
    expect(clock.pending()).toBe(0);
    const looksAtTheEnd = world.polls();
    await clock.advance(60_000);
    expect(world.polls()).toBe(looksAtTheEnd);
  });

  test('new sales cost one request for all viewers together', async () => {
    const { stage, world } = twoDays();
    const clients = [await stage.viewer(), await stage.viewer(), await stage.viewer()];
    const before = world.requests.length;
    world.commit(7);
    world.reportHead();
    await stage.quiesce(clients);
    expect(world.requests).toHaveLength(before + 1);
    for (const client of clients) expect(client.ids()).toEqual(world.idsOf(world.runId()).slice(5));
  });

  test('a run that begins while viewers are connected costs one page request for all of them', async () => {
    const { stage, world } = twoDays();
    const clients = [await stage.viewer(), await stage.viewer()];
    const before = world.requests.length;
    world.startRun();
    world.nextDay();
    world.commit(7);
    world.reportHead();
    await stage.quiesce(clients);
    expect(world.requests.slice(before).map(({ position }) => position)).toEqual([{ kind: 'after', id: 0 }]);
    for (const client of clients) expect(client.ids()).toHaveLength(7);
  });

  test('the table is polled every 50 ms while sales arrive and every 250 ms afterwards', async () => {
    const { stage, world, clock } = twoDays();
    const client = await stage.viewer();
    await clock.advance(120_000);
    world.commit(1);
    world.reportHead();
    await clock.advance(250);
    const polls = world.polls();
    await clock.advance(1_000);
    expect(world.polls() - polls).toBe(20);
    client.breakOff();
  });
});
