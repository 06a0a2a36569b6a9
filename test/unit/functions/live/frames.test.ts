import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SseMessage, sseComment, sseMessage, sseRetry } from '../../../../functions/live/frames.ts';

/** The messages that a standard client parses from a stream, split into chunks of a given size. */
function parse(stream: string, chunkSize = stream.length || 1) {
  const messages: EventSourceMessage[] = [];
  const comments: string[] = [];
  const retries: number[] = [];
  const parser = createParser({
    onEvent: (message) => messages.push(message),
    onComment: (comment) => comments.push(comment),
    onRetry: (ms) => retries.push(ms),
  });
  for (let at = 0; at < stream.length; at += chunkSize) parser.feed(stream.slice(at, at + chunkSize));
  return { messages, comments, retries };
}

const text = fc.string({
  unit: fc.constantFrom('a', ' ', ':', '\n', '\r', 'é', '😀', '"', 'data: x', 'id: 7'),
});
const message: fc.Arbitrary<SseMessage> = fc.record(
  { event: fc.stringMatching(/^[a-z]+$/), id: fc.nat(), data: text },
  { requiredKeys: ['data'] },
);

describe('Server-Sent Events', () => {
  test('Server-Sent Events arrive as they were sent, whatever their data and however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(message), fc.integer({ min: 1, max: 9 }), (sent, chunkSize) => {
        const { messages, comments } = parse(sent.map(sseMessage).join(''), chunkSize);
        expect(messages.map(({ event, data }) => ({ event, data }))).toEqual(
          sent.map(({ event, data }) => ({ event, data: data.replace(/\r\n?/g, '\n') })),
        );
        expect(messages.map(({ id }) => id)).toEqual(sent.map(({ id }) => id?.toString()));
        expect(comments).toEqual([]);
      }),
    );
  });

  test('comments and the reconnection time between messages have no effect on them', () => {
    fc.assert(
      fc.property(text, fc.nat(), message, (comment, ms, one) => {
        const { messages, retries } = parse(sseRetry(ms) + sseComment(comment) + sseMessage(one));
        expect(messages).toHaveLength(1);
        expect(retries).toEqual([ms]);
      }),
    );
  });

  test('an event name that spans lines is rejected', () => {
    expect(() => sseMessage({ event: 'a\nid: 1', data: '' })).toThrow(RangeError);
  });
});
