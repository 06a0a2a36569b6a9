import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { boundedHandler } from '../../../../shared/aws/bounded-handler.ts';

const REQUEST_MS = 500;
/** Longer than a request may take. */
const STALL_MS = 3 * REQUEST_MS;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A client of a server that makes a single attempt. */
async function clientOf(server: Server): Promise<DynamoDBClient> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: boundedHandler({ connectionTimeout: 2_000, requestTimeout: REQUEST_MS }),
  });
  ends.push(
    () => client.destroy(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return client;
}

function standStill(): void {
  const end = performance.now() + STALL_MS;
  while (performance.now() < end);
}

test('a request that is never answered is abandoned', async () => {
  const client = await clientOf(createServer(() => undefined));
  await expect(client.send(new ListTablesCommand())).rejects.toMatchObject({
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
  });
});

test('a request whose response arrived while the process was suspended succeeds', async () => {
  const client = await clientOf(
    createServer((_request, response) => {
      response.end('{"TableNames":["one"]}');
      standStill();
    }),
  );
  expect(await client.send(new ListTablesCommand())).toMatchObject({ TableNames: ['one'] });
});

test('a request can still be aborted by its caller', async () => {
  const abort = new AbortController();
  const client = await clientOf(createServer(() => abort.abort()));
  const asked = client.send(new ListTablesCommand(), { abortSignal: abort.signal });
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});
