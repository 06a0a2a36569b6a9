import { request } from 'node:http';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, openHttpServer } from '../../../gateway/http-server.ts';
import { createInvokeApi } from '../../../gateway/invoke-api.ts';
import { eventually } from '../../support/eventually.ts';
import { fixtureFunctions } from '../../support/fixture-functions.ts';

const { functions, log } = fixtureFunctions();
const asynchronous: [string, string][] = [];
let server: HttpServer;
let client: LambdaClient;

beforeAll(async () => {
  const invokeAsync = (name: string, event: string) => void asynchronous.push([name, event]);
  const handle = createInvokeApi({ functions, invokeAsync, region: 'eu-central-1' });
  server = await openHttpServer(0, handle, log);
  client = new LambdaClient({
    endpoint: server.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await server.close(0);
  await functions.close(0);
});

async function invoke(FunctionName: string, event: unknown, more: object = {}) {
  const Payload = Buffer.from(JSON.stringify(event));
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload, ...more }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  return { ...answer, payload: text === '' ? undefined : JSON.parse(text) };
}

/** The status of a request with a header `host` of its own, which `fetch` would not send. */
function post(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const sent = request(`${server.url}${path}`, { method: 'POST', headers, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  sent.on('error', reject);
  sent.end('{"do":"echo"}');
  return promise;
}

test('a page whose host name was rebound to this machine cannot invoke, whatever headers it sends', async () => {
  const path = '/2015-03-31/functions/buffered/invocations';
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=local', host: 'rebound.example.org' };
  expect(await post(path, headers)).toBe(403);
  const own = { authorization: headers.authorization, origin: 'http://rebound.example.org' };
  expect(await post(path, own)).toBe(403);
});

describe('the Invoke API for an unchanged AWS SDK', () => {
  test('the AWS SDK invokes a function and gets its result', async () => {
    const answer = await invoke('buffered', { do: 'echo', value: 'ü' });
    expect(answer).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      payload: { do: 'echo', value: 'ü' },
    });
    expect(answer.FunctionError).toBeUndefined();
  });

  test('the AWS SDK gets the large response of an HTTP function as one JSON text', async () => {
    const body = JSON.stringify(new Array(2_000).fill('ü "quoted"'));
    const response = { do: 'echo', statusCode: 200, body, headers: {} };
    expect((await invoke('buffered', response)).payload).toEqual(response);
  });

  test('the AWS SDK gets the error of a failed function', async () => {
    expect(await invoke('buffered', { do: 'fail' })).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: { errorType: 'RangeError', errorMessage: 'asked to fail' },
    });
  });

  test.each([
    'buffered:$LATEST',
    '000000000000:function:buffered',
    'arn:aws:lambda:eu-central-1:000000000000:function:buffered',
  ])('the AWS SDK may name a function %s', async (name) => {
    expect((await invoke(name, { do: 'value', value: 1 })).payload).toBe(1);
  });

  test('the AWS SDK may invoke asynchronously or as a dry run', async () => {
    expect((await invoke('buffered', { a: 1 }, { InvocationType: 'Event' })).StatusCode).toBe(202);
    await eventually(() => expect(asynchronous).toEqual([['buffered', '{"a":1}']]));
    expect((await invoke('buffered', {}, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
    expect(asynchronous).toHaveLength(1);
  });

  test.each(['unknown', 'streaming'])('the AWS SDK cannot invoke a function that is %s', async (name) => {
    await expect(invoke(name, {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('the AWS SDK cannot send an event that is too large or not JSON', async () => {
    await expect(invoke('buffered', 'x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
    const command = new InvokeCommand({ FunctionName: 'buffered', Payload: Buffer.from('{') });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
  });
});

test('an unsigned request, as a browser page could send, is rejected', async () => {
  const url = `${server.url}/2015-03-31/functions/buffered/invocations`;
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(403);
});
