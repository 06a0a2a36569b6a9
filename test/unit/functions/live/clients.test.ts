import { EventSource } from 'eventsource';
import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { type ClientMessage, faultsOf, serveQuietStream } from '../../../clients/quiet-stream.ts';

test('a client that uses eventsource receives every sale once over reconnections, and no empty message', async () => {
  const stream = await serveQuietStream();
  const received: ClientMessage[] = [];
  const source = new EventSource(`${stream.url}/stream/events`);
  for (const name of ['message', 'status', 'opening', 'reset']) {
    source.addEventListener(name, ({ type, lastEventId, data }) =>
      received.push({ event: type, id: lastEventId, data }),
    );
  }
  await expect.poll(stream.connections).toBeGreaterThan(2);
  source.close();
  await stream.close();
  expect(faultsOf(received, stream.saleIds)).toEqual([]);
});

test('each block of a quiet stream has data, and heartbeats arrive between its messages', async () => {
  const stream = await serveQuietStream();
  const response = await fetch(`${stream.url}/stream/events`);
  const text = await response.text();
  await stream.close();
  const blocks = text.split('\n\n').slice(0, -1);
  expect(blocks.length).toBeGreaterThan(3);
  for (const block of blocks) expect(block).toMatch(/^data: ./m);
  const comments: string[] = [];
  createParser({ onComment: (comment) => comments.push(comment) }).feed(text);
  expect(comments.length).toBeGreaterThan(5);
  expect(blocks[0]).toMatch(/^retry: 100$/m);
});
