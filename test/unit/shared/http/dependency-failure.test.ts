import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { DynamoDBClient, ListTablesCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { KafkaJSNumberOfRetriesExceeded } from 'kafkajs';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { isDependencyFailure } from '../../../../shared/http/problem-documents.ts';

/** A local port without a listener (tcpmux). */
const NOBODY = { host: '127.0.0.1', port: 1 };

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

function coded(code: string, cause?: unknown): Error {
  return Object.assign(new Error(code, { cause }), { code });
}

describe('an outage is distinguished from a defect', () => {
  it('an error of mysql2 for a refused connection is an outage', async () => {
    expect(isDependencyFailure(await rejection(createConnection({ ...NOBODY, user: 'u' })))).toBe(true);
  });

  it('an error of the AWS SDK for a refused connection is an outage', async () => {
    const client = new DynamoDBClient({
      endpoint: `http://${NOBODY.host}:${NOBODY.port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    expect(isDependencyFailure(await rejection(client.send(new ListTablesCommand())))).toBe(true);
  });

  it.each([
    ['a name that is not listed', '{"__type":"com.amazon.coral.service#InternalFailure"}'],
    ['a body that is not JSON', '<html>Server Error</html>'],
  ])('a service that answers 500 with %s is an outage', async (_, body) => {
    const server = createServer((_request, response) => response.writeHead(500).end(body)).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    expect(isDependencyFailure(await rejection(client.send(new ListTablesCommand())))).toBe(true);
    client.destroy();
    server.close();
  });

  it('an AggregateError of refused addresses is an outage', async () => {
    const refused = new Promise((_resolve, reject) =>
      connect({ ...NOBODY, host: 'localhost' }, undefined).on('error', reject),
    );
    expect(isDependencyFailure(await rejection(refused))).toBe(true);
    expect(isDependencyFailure(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(
      true,
    );
  });

  it('an error of kafkajs after its retries is an outage', () => {
    const error = new KafkaJSNumberOfRetriesExceeded(new Error('x'), { retryCount: 5, retryTime: 100 });
    expect(isDependencyFailure(error)).toBe(true);
  });

  it.each([
    'PROTOCOL_CONNECTION_LOST',
    'ETIMEDOUT',
    'ER_CON_COUNT_ERROR',
    'ER_SERVER_SHUTDOWN',
    'ER_CLIENT_INTERACTION_TIMEOUT',
    'ER_LOCK_DEADLOCK',
    'EAI_AGAIN',
  ])('the code %s means an outage, also in a cause', (code) => {
    expect(isDependencyFailure(coded(code))).toBe(true);
    expect(isDependencyFailure(new Error('outer', { cause: coded(code) }))).toBe(true);
  });

  it('the message of mysql2 for a closed connection, which has no code, means an outage', () => {
    const gone = new Error("Can't add new command when connection is in closed state");
    expect(isDependencyFailure(gone)).toBe(true);
  });

  it.each([
    new TypeError('x is not a function'),
    coded('ER_PARSE_ERROR'),
    coded('ER_NO_SUCH_TABLE'),
    new ResourceNotFoundException({ message: 'no table', $metadata: {} }),
    'ECONNREFUSED',
    null,
  ])('a defect is not an outage: %s', (error) => {
    expect(isDependencyFailure(error)).toBe(false);
  });

  it('a cyclic chain of causes terminates', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(isDependencyFailure(error)).toBe(false);
  });
});
