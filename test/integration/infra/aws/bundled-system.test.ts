/**
 * The functions as Lambda would run them: their bundles, each with the environment that the templates give it, on the local
 * servers. Only what can't exist on one machine is replaced: addresses, and with them TLS and the identity for Kafka.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundleFunctions } from '../../../../infra/aws/bundle.ts';
import type { LambdaHost } from '../../../../infra/lambda-host/host.ts';
import { memoryLog } from '../../../../infra/lambda-host/test/support/memory-log.ts';
import { smoke } from '../../../../infra/local/cli/smoke-test.ts';
import { mysqlSettingsOf } from '../../../../infra/local/environment.ts';
import { startHost } from '../../../../infra/local/host.ts';
import * as described from '../../../../infra/system.ts';
import type { SystemDescription } from '../../../../infra/system-description.ts';
import { openPool } from '../../../../shared/mysql/connection.ts';
import { buildPage } from '../../../../web/build.ts';
import { synthesize } from '../../../infra/aws/synthesis.ts';
import { environmentsOf } from '../../../infra/aws/template-environment.ts';
import {
  type SecretsStandIn,
  startSecrets,
  TOKEN,
  templateTexts,
} from '../../../support/bundled-functions.ts';
import { datasetLines, textOf } from '../../../support/datasets.ts';
import { ownAddresses, ownNames } from '../../../support/names.ts';

let secrets: SecretsStandIn;
let out: string;
let host: LambdaHost;

const addresses = ownAddresses(inject('servers'));
const names = ownNames();

beforeAll(async () => {
  secrets = await startSecrets(inject('servers').mysql.password);
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
  const functions = Object.entries(described.functions).map(([name, definition]) => {
    const environment = {
      ...templateTexts(name, environments.get(name) ?? {}, path.resolve(out, name)),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    };
    return [name, { ...definition, entry: `${out}/${name}/index.mjs`, environment }];
  });
  return { ...described, functions: Object.fromEntries(functions) };
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

  it('a bundled function in the VPC requires the token that another function hands out', async () => {
    const search = async (token: string) => {
      const response = await fetch(
        new URL('/optimize/demand?store_id=S001&product_id=P0001&n_trials=2', host.url),
        {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        },
      );
      return response.status;
    };
    await expect(search('another')).resolves.toBe(401);
    // Three days are too few to search: the request got past the token.
    await expect(search(TOKEN)).resolves.toBe(400);
  });

  it('the bundled migrations find the schema already applied', async () => {
    const { payload } = await host.invoke('migrate', {});
    expect(JSON.parse(payload)).toEqual({ status: 'migrated', applied: [] });
  });

  it('the bundled functions read text other than ASCII from MySQL', async () => {
    const pool = openPool(mysqlSettingsOf(addresses, names.database), { connectionLimit: 1 });
    // A stored sale never changes, so what was read of it is kept: under other ids these are new ones.
    await pool.query('UPDATE kafka_events SET weather = ?, id = id + 1000', ['Sonnig – 晴れ ☀️']);
    await pool.end();
    const answer = await fetch(new URL('/sales/recent?limit=1', host.url));
    const { events } = (await answer.json()) as { events: { weather: string }[] };
    expect(events[0]?.weather).toBe('Sonnig – 晴れ ☀️');
  });
});
