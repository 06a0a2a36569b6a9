/** The same for a function that streams: reads the prelude off its response as Lambda does, and passes the rest on as it comes. */
import { type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { awslambda, type ResponseStream } from '../../infra/lambda-host/runtime/response-stream.ts';

const CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';
/** Ends the prelude. */
const DELIMITER = Buffer.alloc(8);

const preludeSchema = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.unknown()).default({}),
  cookies: z.array(z.string()).default([]),
});

export const handler = awslambda.streamifyResponse(async (event: unknown, stream: ResponseStream) => {
  const asked = request(z.url().parse(process.env.RIC_URL), { method: 'POST' });
  stream.once('close', () => asked.destroy());
  const responded = new Promise<IncomingMessage>((resolve, reject) =>
    asked.once('response', resolve).once('error', reject),
  );
  asked.end(JSON.stringify(event));
  const response = await responded;
  if (response.headers['content-type'] !== CONTENT_TYPE) {
    throw new Error(`Not a streamed HTTP response: ${Buffer.concat(await response.toArray())}`);
  }
  const { prelude, rest } = await readPrelude(response);
  await pipeline(rest, awslambda.HttpResponseStream.from(stream, prelude));
});

async function readPrelude(response: IncomingMessage) {
  const chunks = response[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (!start.includes(DELIMITER)) {
    const { done, value } = await chunks.next();
    if (done) throw new Error(`The response ended within its prelude: ${start}`);
    start = Buffer.concat([start, value]);
  }
  const end = start.indexOf(DELIMITER);
  async function* rest() {
    yield start.subarray(end + DELIMITER.length);
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { prelude: preludeSchema.parse(JSON.parse(start.subarray(0, end).toString())), rest };
}
