import { once } from 'node:events';
import { Agent, createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { nonIdempotentClient, retryingClient } from '../../../../shared/simulation/dynamodb.ts';
import { OutcomeUnknownError, openSimulationStore } from '../../../../shared/simulation/store.ts';

const CLICK = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: '' };
const BEFORE = {
  run_id: { S: 'a-run' },
  calendar_id: { S: 'a-calendar' },
  day_index: { N: '3' },
  last_index: { N: '9' },
  days_left: { N: '6' },
  retired: { M: {} },
};

type Answer = (response: ServerResponse) => void;

const accept: Answer = (response) => respond(response, 200, { Attributes: BEFORE });
const hangUp: Answer = (response) => response.destroy();
const neverAnswer: Answer = () => {};
const refuse =
  (name: string): Answer =>
  (response) =>
    respond(response, 400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name });

function respond(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A click sent to a server that returns these answers in turn; the first connections are never established. */
async function clickOn(answers: readonly Answer[], { stuck = 0 } = {}) {
  const seen = { connections: 0, requests: 0 };
  const server = createServer((_request, response) => {
    const answer = answers[seen.requests];
    seen.requests += 1;
    (answer ?? hangUp)(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent();
  const establish = agent.createConnection.bind(agent);
  agent.createConnection = (options, connected) => {
    seen.connections += 1;
    return seen.connections > stuck ? establish(options, connected) : neverEstablished();
  };
  const config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const client = retryingClient(config);
  const clickClient = nonIdempotentClient({
    ...config,
    // Below two seconds a process that was suspended would lose established connections.
    ...(stuck > 0 && { requestHandler: { connectionTimeout: 2_000, httpAgent: agent } }),
  });
  endings.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => clickClient.destroy(),
    () => agent.destroy(),
    () => client.destroy(),
  );
  const store = openSimulationStore({ tableName: 'simulation', client, incrementClient: clickClient });
  const outcome = await store.advanceDays(1, CLICK).catch((error: unknown) => error);
  return { outcome, ...seen };
}

function neverEstablished() {
  return Object.assign(new Socket(), { connecting: true });
}

const ADVANCED = { outcome: 'advanced', days: 1, state: { dayIndex: 4, daysLeft: 5 } };

it('a click is sent once if nothing fails', async () => {
  expect(await clickOn([accept])).toMatchObject({ outcome: ADVANCED, requests: 1 });
});

it('a click is sent over another connection if the first is never established', async () => {
  const { outcome, connections, requests } = await clickOn([accept], { stuck: 1 });
  expect(outcome).toMatchObject(ADVANCED);
  expect([connections, requests]).toEqual([2, 1]);
});

it('a click certainly changed nothing if no connection was ever established', async () => {
  const { outcome, connections, requests } = await clickOn([accept], { stuck: 9 });
  expect(outcome).toBeInstanceOf(Error);
  expect(outcome).not.toBeInstanceOf(OutcomeUnknownError);
  expect([connections, requests]).toEqual([2, 0]);
});

it.each(['ThrottlingException', 'ProvisionedThroughputExceededException'])(
  'a click is sent again after a %s, which changed nothing',
  async (name) => {
    expect(await clickOn([refuse(name), accept])).toMatchObject({ outcome: ADVANCED, requests: 2 });
  },
);

it.each([
  ['its connection breaks', hangUp],
  ['it is not answered in time', neverAnswer],
  ['the server fails', refuse('InternalServerError')],
])('a click is never sent again if %s, because it may have been accepted', async (_what, answer) => {
  const { outcome, requests } = await clickOn([answer, accept]);
  expect(outcome).toBeInstanceOf(OutcomeUnknownError);
  expect(requests).toBe(1);
});
