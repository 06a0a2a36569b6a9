import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { createLiveStream } from '../../../../functions/live/live-stream.ts';
import { streamTimings, systemClock } from '../../../../functions/live/timing.ts';
import { fakeStores } from '../../../support/live-world.ts';

const VIEWERS = 1_000;
const BATCHES = 10;
/** Long enough that no timer fires during the test. */
const TIMEOUT_MS = 600_000;

/** A client that keeps its chunks, and reports when it has received the greeting and a given number of bytes of sales. */
function reader(isGreeting: (chunk: Buffer) => boolean, isLast: (chunk: Buffer) => boolean) {
  const chunks: Buffer[] = [];
  const greeted = Promise.withResolvers<void>();
  const complete = Promise.withResolvers<void>();
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      chunks.push(chunk);
      if (isGreeting(chunk)) greeted.resolve();
      if (isLast(chunk)) complete.resolve();
      next();
    },
  });
  return { sink, chunks, greeted: greeted.promise, complete: complete.promise };
}

function idsIn(chunks: readonly Buffer[]): number[] {
  const ids: number[] = [];
  const parser = createParser({ onEvent: ({ id }) => id !== undefined && ids.push(Number(id)) });
  parser.feed(Buffer.concat(chunks).toString());
  return ids;
}

test('1,000 viewers of one process each receive a day of sales, which is encoded once for all of them', async () => {
  const world = fakeStores();
  world.startRun();
  world.nextDay();
  const stream = createLiveStream({
    store: world.store,
    feed: world.feed,
    clock: systemClock,
    timings: { ...streamTimings, heartbeatMs: TIMEOUT_MS, slowReaderMs: TIMEOUT_MS },
    maxViewers: VIEWERS,
    logger: { info: () => {}, warn: () => {} },
    onViewers: () => {},
  });
  const readers = Array.from({ length: VIEWERS }, () =>
    reader(
      (chunk) => chunk.includes('event: status'),
      (chunk) => chunk.includes('"day_received":100'),
    ),
  );
  const ended = readers.map(({ sink }) => pipeline(stream.open({ kind: 'none' }, TIMEOUT_MS), sink));
  await Promise.all(readers.map(({ greeted }) => greeted));

  for (let batch = 0; batch < BATCHES; batch += 1) {
    world.commit(10);
    world.reportHead();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  world.reportCount();
  await Promise.all(readers.map(({ complete }) => complete));
  stream.close();
  await Promise.all(ended);

  const ids = world.idsOf(world.runId());
  for (const { chunks } of readers) expect(idsIn(chunks)).toEqual(ids);
  // Apart from each viewer's first line, nothing was allocated per viewer: they share the same memory.
  const distinct = new Set(readers.flatMap(({ chunks }) => chunks.slice(1)));
  expect(distinct.size).toBeLessThanOrEqual(2 * BATCHES + 2);
  expect(world.requests.length).toBeLessThanOrEqual(2 * BATCHES + 2);
  expect(stream.size()).toBe(0);
});
