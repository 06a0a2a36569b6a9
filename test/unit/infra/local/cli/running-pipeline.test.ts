import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { pipelineDiagnostic } from '../../../../../infra/local/servers/diagnostics.ts';

/** A host whose deep health answers this. */
async function hostAnswering(body: object): Promise<string> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify(request.url === '/health?deep=1' ? body : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream/live`;
}

const pipeline = { status: 'ok', accepted_day: 3, stored_day: 3, stalled_for_seconds: 0, step: null };

test('doctor reports what is accepted and what is stored', async () => {
  expect(await pipelineDiagnostic(await hostAnswering({ pipeline }))).toEqual({
    state: 'good',
    text: 'Pipeline: day 4 is accepted, day 4 is stored',
  });
  const fresh = { ...pipeline, accepted_day: null, stored_day: null };
  expect(await pipelineDiagnostic(await hostAnswering({ pipeline: fresh }))).toMatchObject({ state: 'good' });
});

test('doctor names the step that accepted days wait for', async () => {
  const waiting = { ...pipeline, stored_day: null, step: 'kafka', stalled_for_seconds: 12 };
  expect(await pipelineDiagnostic(await hostAnswering({ pipeline: waiting }))).toEqual({
    state: 'note',
    text: 'Pipeline: day 4 is accepted, none is stored; waiting for Kafka for 12 s',
  });
});

test('doctor fails with a remedy if health is not ok', async () => {
  const url = await hostAnswering({
    code: 'undecodable_messages',
    detail: '3 messages could not be decoded.',
    pipeline,
  });
  expect(await pipelineDiagnostic(url)).toEqual({
    state: 'missing',
    text: 'Health: 3 messages could not be decoded.',
    remedy: expect.stringContaining('npm run dead-letters -- dismiss'),
  });
});
