import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Proof } from '../../../../functions/system/proof.ts';
import type { LambdaHost } from '../../../../infra/lambda-host/host.ts';
import { memoryLog } from '../../../../infra/lambda-host/test/support/memory-log.ts';
import { type Chaos, createChaos } from '../../../../infra/local/chaos.ts';
import { startHost } from '../../../../infra/local/host.ts';
import type { RunningServers } from '../../../../infra/local/servers/managed-server.ts';
import { startServers } from '../../../../infra/local/servers/start.ts';
import { datasetLines, textOf } from '../../../support/datasets.ts';
import { eventually } from '../../../support/eventually.ts';
import { ownNames } from '../../../support/names.ts';

// The real system on servers of its own, every part of which is killed and paused while days are played.

const WITHIN_MS = 300_000;
const PATIENCE_SECONDS = 240;
const PARTS = ['consumer', 'producer', 'kafka', 'mysql', 'dynamodb'];

const log = memoryLog();
let directory: string;
let servers: RunningServers;
let host: LambdaHost;
let chaos: Chaos;
const failures: unknown[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chaos-'));
  servers = await startServers({
    dataDirectory: join(directory, 'servers'),
    mode: 'native',
    fresh: true,
    report: () => undefined,
  });
  host = await startHost({
    addresses: servers.addresses,
    names: ownNames(),
    port: 0,
    stateDirectory: join(directory, 'positions'),
    pageDirectory: directory,
    log,
    apiToken: '',
    logLevel: 'INFO',
    ownRoutes: (request) => chaos.routes(request),
  });
  chaos = createChaos({
    servers: servers.servers,
    functions: host.functions,
    apiToken: '',
    log,
    onFailure: (error) => failures.push(error),
  });
  const file = join(directory, 'sales.csv');
  await writeFile(file, textOf(datasetLines(60)));
  expect((await host.invoke('migrate', {})).error).toBeNull();
  expect((await host.invoke('etl', { file })).error).toBeNull();
  host.open();
}, WITHIN_MS);

afterAll(async () => {
  await chaos?.stop();
  await host?.stop(0);
  await servers?.stop();
  await rm(directory, { recursive: true, force: true });
});

const post = (path: string, body?: object) =>
  fetch(`${host.url}${path}`, { method: 'POST', ...(body ? { body: JSON.stringify(body) } : {}) });

/** Presses "Next day". It may be refused while a server is away; then it is pressed again. */
async function play(): Promise<number> {
  return eventually(async () => {
    const response = await post('/simulation/next-day');
    expect(response.status).toBe(200);
    const { day } = await response.json();
    return day;
  }, PATIENCE_SECONDS);
}

async function faults(): Promise<Record<string, unknown>> {
  const { parts } = await (await fetch(`${host.url}/chaos`)).json();
  return Object.fromEntries(parts.map(({ part, fault }: { part: string; fault: unknown }) => [part, fault]));
}

it.each(PARTS.flatMap((part) => ['kill', 'pause'].map((action) => [action, part] as const)))(
  'after a %s of %s nothing is lost or doubled, and the fault has ended by itself',
  async (action, part) => {
    await play();
    // Long enough for the next two requests to find it on a busy machine.
    const response = await post(`/chaos/${part}`, { action, seconds: 4 });
    expect(response.status).toBe(202);
    expect(await faults()).toMatchObject({ [part]: { action } });
    expect((await post(`/chaos/${part}`, { action, seconds: 1 })).status).toBe(422);
    await play();
    await eventually(async () => {
      const proof: Proof = await (await fetch(`${host.url}/proof`)).json();
      expect(proof).toMatchObject({ under_way: 0, lost: 0, doubled: 0 });
      expect(proof.stored).toBe(proof.accepted_days * 100);
      expect(proof.verified_days).toBe(proof.accepted_days);
    }, PATIENCE_SECONDS);
    await eventually(async () => expect(await faults()).toMatchObject({ [part]: null }), PATIENCE_SECONDS);
    expect(failures).toEqual([]);
  },
  WITHIN_MS,
);
