/**
 * The functions as Lambda would run them: their bundles, each with the environment that the templates give it, on the local
 * servers. Only what can't exist on one machine is replaced: addresses, and with them TLS and the identity for Kafka.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundleFunctions } from '../../../../infra/aws/bundle.ts';
import type { LambdaHost } from '../../../../infra/lambda-host/host.ts';
import { memoryLog } from '../../../../infra/lambda-host/test/support/memory-log.ts';
import { smoke } from '../../../../infra/local/cli/smoke-test.ts';
import { mysqlSettingsOf } from '../../../../infra/local/clients.ts';
import { startHost } from '../../../../infra/local/host.ts';
import * as described from '../../../../infra/system.ts';
import type { SystemDescription } from '../../../../infra/system-description.ts';
import { openPool } from '../../../../shared/mysql/connection.ts';
import { buildPage } from '../../../../web/build.ts';
import { synthesize } from '../../../infra/aws/synthesis.ts';
import { environmentsOf } from '../../../infra/aws/template-environment.ts';
import { datasetLines, textOf } from '../../../support/datasets.ts';
import { ownAddresses, ownNames } from '../../../support/names.ts';

const TOKEN = 'token-of-the-secret';
/** The local servers support neither TLS nor AWS identities. */
const NOT_HERE = { KAFKA_AUTH: 'none', MYSQL_AUTH: 'password', MYSQL_TLS: 'off' };
const SECRETS = { MYSQL_SECRET_ARN: 'arn:local:mysql', API_TOKEN_SECRET_ARN: 'arn:local:token' };

let secrets: Server;
let out: string;
let host: LambdaHost;

const addresses = ownAddresses(inject('servers'));
const names = ownNames();

beforeAll(async () => {
  secrets = await startSecrets();
  await mkdir('.local/aws', { recursive: true });
  out = await mkdtemp('.local/aws/system-');
  await bundleFunctions(described.functions, { outDirectory: path.resolve(out), buildPage });
  host = await startBundledSystem();
});

afterAll(async () => {
  await host?.stop();
  secrets?.close();
  await rm(out, { recursive: true, force: true });
});

/** Answers `GetSecretValue` as Secrets Manager does. */
async function startSecrets(): Promise<Server> {
  const { mysql } = inject('servers');
  const values: Record<string, string> = {
    [SECRETS.MYSQL_SECRET_ARN]: JSON.stringify({ username: 'retail', password: mysql.password || 'unused' }),
    [SECRETS.API_TOKEN_SECRET_ARN]: TOKEN,
  };
  const server = createServer(async (request, response) => {
    const { SecretId } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
      SecretId: string;
    };
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ ARN: SecretId, SecretString: values[SecretId] }));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

async function startBundledSystem(): Promise<LambdaHost> {
  const started = await startHost({
    addresses,
    names,
    port: 0,
    stateDirectory: path.resolve(out, 'state'),
    pageDirectory: path.resolve(out, 'live/page'),
    log: memoryLog(),
    // The functions read theirs from the secret.
    apiToken: '',
    logLevel: 'INFO',
    system: bundledSystem(),
  });
  const dataset = path.resolve(out, 'sales.csv');
  await writeFile(dataset, textOf(datasetLines(3)));
  const migrated = await started.invoke('migrate', {});
  const { error } = migrated.error ? migrated : await started.invoke('etl', { file: dataset });
  if (error) throw new Error(`The data set was not loaded: ${error.errorMessage}`);
  started.open();
  return started;
}

function bundledSystem(): SystemDescription {
  const environments = environmentsOf(synthesize());
  const { port } = secrets.address() as AddressInfo;
  const functions = Object.entries(described.functions).map(([name, definition]) => {
    const environment = {
      ...textsOf(environments.get(name) ?? {}, path.resolve(out, name)),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    };
    return [name, { ...definition, entry: `${out}/${name}/index.mjs`, environment }];
  });
  return { ...described, functions: Object.fromEntries(functions) };
}

/** The template's plain-text variables. The local host supplies those that the template computes. */
function textsOf(variables: Record<string, unknown>, directory: string): Record<string, string> {
  const texts = Object.entries({ ...variables, ...replaced(variables) }).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value.replace('/var/task', directory)] as const] : [],
  );
  // Each test has its own names of stores and functions.
  const own = new Set([
    'MYSQL_DATABASE',
    'MYSQL_USER',
    'FUNCTION_USERS',
    'FUNCTION_USERS_AUTH',
    'KAFKA_TOPIC',
    'KAFKA_CONSUMER_GROUP',
    'FEED_FUNCTION_NAME',
  ]);
  return Object.fromEntries(texts.filter(([name]) => !own.has(name)));
}

function replaced(variables: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...NOT_HERE, ...SECRETS }).filter(([name]) => name in variables),
  );
}

describe('the bundled functions with the environment of their templates', () => {
  it('the bundled functions play a day from the click to the stream', async () => {
    const lines: string[] = [];
    await smoke({ url: new URL(host.url), token: TOKEN, say: (line) => lines.push(line) });
    expect(lines.filter((line) => line.includes('failed'))).toEqual([]);
    expect(lines.at(-1)).toBe('Day 1 of 3 was played.');
  });

  it('the bundled functions require the token from the secret', async () => {
    const refused = smoke({ url: new URL(host.url), token: 'another', say: () => {} });
    await expect(refused).rejects.toThrow(/Next Day is accepted.*401/);
  });

  it('the bundled migrations find the schema already applied', async () => {
    const { payload } = await host.invoke('migrate', {});
    expect(JSON.parse(payload)).toEqual({ status: 'migrated', applied: [] });
  });

  it('the bundled functions read text other than ASCII from MySQL', async () => {
    const pool = openPool(mysqlSettingsOf(addresses, names.database), { connectionLimit: 1 });
    await pool.query('UPDATE kafka_events SET weather = ?', ['Sonnig – 晴れ ☀️']);
    await pool.end();
    const answer = await fetch(new URL('/sales/recent?limit=1', host.url));
    const { events } = (await answer.json()) as { events: { weather: string }[] };
    expect(events[0]?.weather).toBe('Sonnig – 晴れ ☀️');
  });
});
