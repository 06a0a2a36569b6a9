import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type FeedPage, type FeedRequest, feedPageSchema } from '../../shared/api/feed.ts';

/** Asks for a page of a run's events. Rejects if `feed` can't be reached or fails; asking again is harmless. */
export type Feed = (request: FeedRequest) => Promise<FeedPage>;

/** `feed` did not answer with a page. */
class FeedError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(`The function feed failed: ${message}`, options);
    this.name = 'FeedError';
  }
}

/** `feed` as a function that is invoked and waited for. */
export function createFeedClient(lambda: LambdaClient, functionName: string): Feed {
  return async (request) => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
    );
    const payload = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError) throw new FeedError(`${answer.FunctionError}: ${payload.slice(0, 500)}`);
    return parsePage(payload);
  };
}

function parsePage(payload: string): FeedPage {
  try {
    return feedPageSchema.parse(JSON.parse(payload));
  } catch (cause) {
    throw new FeedError('its answer is no page of events.', { cause });
  }
}
