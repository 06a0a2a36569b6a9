import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { readLines } from '../../../../../infra/lambda-host/runtime/worker-thread.ts';
import { createDatabaseIfMissing } from '../../../../../infra/local/stores/stores.ts';
import { mysqlSettings } from '../../../../../shared/settings.ts';
import { makeClone } from '../../../../support/clone.ts';
import { datasetLines, textOf } from '../../../../support/datasets.ts';
import { eventually } from '../../../../support/eventually.ts';

// `npm start` without npm, in a separate clone, on the servers that all suites share.
const STARTS_WITHIN_SECONDS = 120;

let clone: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  clone = await makeClone();
  await writeFile(join(clone, 'small.csv'), textOf(datasetLines(3)));
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => rm(clone, { recursive: true, force: true }));

/** The test's own database and DynamoDB, both named by the environment. */
async function serverSettings(): Promise<Record<string, string>> {
  const { kafkaBrokers, mysql, dynamodbEndpoint, region } = inject('servers');
  const id = randomBytes(6).toString('hex');
  const mysqlVariables = {
    MYSQL_HOST: mysql.host,
    MYSQL_PORT: String(mysql.port),
    MYSQL_USER: mysql.user,
    MYSQL_PASSWORD: mysql.password,
    MYSQL_DATABASE: `test_${id}`,
  };
  await createDatabaseIfMissing(mysqlSettings.parse(mysqlVariables));
  return {
    ...mysqlVariables,
    KAFKA_BROKERS: kafkaBrokers,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    AWS_ACCESS_KEY_ID: `key${id}`,
    AWS_REGION: region,
  };
}

function start(args: readonly string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['infra/local/cli/start.ts', ...args], {
    cwd: clone,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) readLines(stream, (line) => lines.push(line));
  // Not `exit`: the last lines may arrive after it.
  const exited = once(child, 'close').then(([code]) => code);
  return { child, lines, exited, output: () => lines.join('\n') };
}

const pageOf = (output: string) => /http:\/\/localhost:\d+\/stream\/live/.exec(output)?.[0];

test("npm start runs everything, prints the page's address, and stops everything at Ctrl-C", async () => {
  const settings = await serverSettings();
  const first = start(['--port', '0', '--dataset', 'small.csv'], settings);
  const page = await eventually(() => {
    const found = pageOf(first.output());
    if (found === undefined) throw new Error(first.output());
    return found;
  }, STARTS_WITHIN_SECONDS);
  expect(first.output()).toContain('300 rows of 3 days');
  expect(await (await fetch(page)).text()).toContain('<html');
  expect(await (await fetch(new URL('/simulation/status', page))).json()).toMatchObject({ total_days: 3 });

  const second = start(['--port', '0'], settings);
  expect(await second.exited).toBe(0);
  expect(second.output()).toContain(`already runs in this folder (process ${first.child.pid}): open ${page}`);

  first.child.kill('SIGINT');
  expect(await first.exited).toBe(0);
  expect(first.output()).toContain('Everything has stopped.');
  await expect(fetch(page)).rejects.toThrow();

  const third = start(['--port', '0', '--dataset', 'small.csv'], settings);
  await eventually(() => expect(pageOf(third.output())).toBeDefined(), STARTS_WITHIN_SECONDS);
  expect(third.output()).toContain('The data set is unchanged');
}, 300_000);

test('npm start reports an invalid data set in one sentence and exits', async () => {
  await writeFile(join(clone, 'bad.csv'), textOf(datasetLines(1)).replace('2022-01-01', '2022-13-01'));
  const { exited, output } = start(['--port', '0', '--dataset', 'bad.csv'], await serverSettings());
  expect(await exited).toBe(1);
  expect(output()).toMatch(/bad\.csv is not a data set that can be loaded.*\n.*line 2, Date/);
}, 300_000);

test('npm start reports that its port is taken and exits before it starts anything', async () => {
  const { hostname, port } = new URL(inject('servers').dynamodbEndpoint);
  expect(hostname).toBe('127.0.0.1');
  const { exited, lines } = start(['--port', port], await serverSettings());
  expect(await exited).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(
      /^Port \d+ is taken by another process \(lsof -i :\d+ shows which\): .* --port \d+\.$/,
    ),
  ]);
});

test('npm start explains its options', async () => {
  const help = start(['--help']);
  expect(await help.exited).toBe(0);
  expect(help.output()).toContain('Usage: npm start');
  const wrong = start(['--prot', '1']);
  expect(await wrong.exited).toBe(2);
  expect(wrong.lines).toHaveLength(1);
});
