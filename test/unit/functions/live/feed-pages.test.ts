import { describe, expect, test } from 'vitest';
import { createPageReader } from '../../../../functions/live/feed-pages.ts';
import { settle } from '../../../support/fake-clock.ts';
import { fakeStores } from '../../../support/live-world.ts';

function pages(options: { concurrency?: number; maxBytes?: number } = {}) {
  const world = fakeStores();
  const runId = world.startRun();
  world.nextDay();
  world.commit(12);
  const failures: string[] = [];
  const ask = createPageReader({
    feed: world.feed,
    pageSize: 4,
    concurrency: options.concurrency ?? 2,
    maxBytes: options.maxBytes ?? 1_000_000,
    onFailure: (error) => failures.push(String(error)),
  });
  return { world, runId, ask, failures, ids: world.idsOf(runId) };
}

const behind = (id: number) => ({ kind: 'after', id }) as const;

describe('shared pages', () => {
  test('a shared page has the events after a position, or reports that the run does not have that position', async () => {
    const { ask, runId, ids } = pages();
    const upTo = ids.at(-1) ?? 0;
    const first = await ask(runId, { kind: 'day', day_index: 0, after: 0, up_to: upTo });
    expect(first.page?.ids).toEqual(ids.slice(0, 4));
    const second = await ask(runId, { kind: 'resume', id: ids[5] ?? 0 });
    expect(second).toMatchObject({ known: true, page: { startAfter: ids[5], ids: ids.slice(6, 10) } });
    expect(await ask(runId, { kind: 'resume', id: 999 })).toEqual({ known: false, page: null });
    expect(await ask(runId, behind(ids.at(-1) ?? 0))).toEqual({ known: true, page: null });
  });

  test('a shared page is cached for later viewers, unless it was empty', async () => {
    const { ask, runId, ids, world } = pages();
    const first = await ask(runId, behind(0));
    expect(await ask(runId, behind(0))).toBe(first);
    expect(world.requests).toHaveLength(1);
    await ask(runId, behind(ids.at(-1) ?? 0));
    world.commit(1);
    expect((await ask(runId, behind(ids.at(-1) ?? 0))).page?.ids).toHaveLength(1);
  });

  test('the last page of a day ends at the id up to which it was requested, a full one with its last event', async () => {
    const { ask, runId, ids } = pages();
    const page = async (after: number, up_to: number) =>
      (await ask(runId, { kind: 'day', day_index: 0, after, up_to })).page;
    expect(await page(0, 1_000)).toMatchObject({ ids: ids.slice(0, 4), end: ids[3] });
    expect(await page(ids[9] ?? 0, 1_000)).toMatchObject({ ids: ids.slice(10), end: 1_000 });
  });

  test('a full page of a day is shared with everybody who asks beyond its end, and nobody else', async () => {
    const { ask, runId, ids, world } = pages();
    const day = { kind: 'day', day_index: 0, after: 0 } as const;
    const full = await ask(runId, { ...day, up_to: ids[9] ?? 0 });
    expect(await ask(runId, { ...day, up_to: ids[5] ?? 0 })).toBe(full);
    expect(world.requests).toHaveLength(1);
    expect((await ask(runId, { ...day, up_to: ids[1] ?? 0 })).page?.ids).toEqual(ids.slice(0, 2));
  });

  test('an empty page of a day is shared only with viewers that knew no later id when it was requested', async () => {
    const { ask, runId, world } = pages();
    const release = world.holdFeed('day');
    const day = { kind: 'day', day_index: 9, after: 0 } as const;
    const asked = [5, 5, 7].map((up_to) => ask(runId, { ...day, up_to }));
    await settle();
    release();
    await Promise.all(asked);
    expect(world.requests.filter(({ position }) => position.kind === 'day')).toHaveLength(2);
  });

  test('shared pages are cached up to a bound, and the most recently used ones stay', async () => {
    const { ask, runId, ids, world } = pages();
    const size = (await ask(runId, behind(0))).page?.bytes.length ?? 0;
    const bounded = createPageReader({
      feed: world.feed,
      pageSize: 4,
      concurrency: 1,
      maxBytes: 2.5 * size,
      onFailure: () => {},
    });
    const [first, second, third] = [behind(0), behind(ids[3] ?? 0), behind(ids[7] ?? 0)];
    for (const position of [first, second, first, third]) await bounded(runId, position);
    const before = world.requests.length;
    await bounded(runId, first);
    await bounded(runId, third);
    expect(world.requests).toHaveLength(before);
    await bounded(runId, second);
    expect(world.requests).toHaveLength(before + 1);
  });

  test('pages of different positions are requested a few at a time, in the order of demand', async () => {
    const { ask, runId, ids, world } = pages({ concurrency: 2 });
    const release = world.holdFeed('after');
    const asked = ids.slice(0, 6).map((id) => ask(runId, behind(id)));
    await settle();
    expect(world.requests).toHaveLength(2);
    release();
    await Promise.all(asked);
    expect(world.requests.map(({ position }) => position)).toEqual(ids.slice(0, 6).map(behind));
  });

  test('failed pages are requested again and do not block others', async () => {
    const { ask, runId, ids, world, failures } = pages({ concurrency: 1 });
    world.failing.feed = true;
    await expect(ask(runId, behind(0))).rejects.toThrow('feed does not answer');
    await expect(Promise.all([ask(runId, behind(0)), ask(runId, behind(0))])).rejects.toThrow();
    expect(failures).toHaveLength(2);
    world.failing.feed = false;
    expect((await ask(runId, behind(0))).page?.ids).toEqual(ids.slice(0, 4));
  });
});
