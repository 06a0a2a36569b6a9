import { type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test, vi } from 'vitest';
import { createFeedClient } from '../../../../functions/live/feed-pages.ts';
import type { FeedRequest } from '../../../../shared/api/live.ts';
import { storedSale } from '../../../support/live-world.ts';

const REQUEST: FeedRequest = {
  run_id: '11111111-1111-4111-8111-111111111111',
  position: { kind: 'after', id: 0 },
  limit: 10,
};

/** A feed client for which Lambda returns this response. */
function feedAnswering(payload: unknown, FunctionError?: string) {
  const lambda = new LambdaClient({ region: 'eu-central-1' });
  const answer: Partial<InvokeCommandOutput> = {
    StatusCode: 200,
    Payload: Object.assign(Buffer.from(JSON.stringify(payload)), { transformToString: () => '' }),
    ...(FunctionError === undefined ? {} : { FunctionError }),
  };
  const send = vi.spyOn(lambda, 'send').mockImplementation(async () => answer);
  return { feed: createFeedClient(lambda, 'feed-function'), send };
}

test('the feed function is invoked by name with the request, and its page is returned', async () => {
  const page = { known: true, events: [storedSale({ id: 7 })] };
  const { feed, send } = feedAnswering(page);
  expect(await feed(REQUEST)).toEqual(page);
  expect(send.mock.calls[0]?.[0].input).toEqual({
    FunctionName: 'feed-function',
    Payload: JSON.stringify(REQUEST),
  });
});

test('a failure of the feed function is reported as its failure', async () => {
  const { feed } = feedAnswering({ errorMessage: 'no connection' }, 'Unhandled');
  await expect(feed(REQUEST)).rejects.toThrow(/feed failed: Unhandled: .*no connection/);
});

test.each([
  null,
  {},
  { known: true, events: [{ id: 1 }] },
  { known: true, events: [{ ...storedSale(), received_at: '2026-01-01 00:00:00' }] },
])('a response that is not a page is an error: %j', async (payload) => {
  const { feed } = feedAnswering(payload);
  await expect(feed(REQUEST)).rejects.toThrow('is not a page of events');
});
