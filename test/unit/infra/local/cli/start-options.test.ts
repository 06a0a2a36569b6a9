import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  closingLine,
  helpText,
  OptionsError,
  parseStartOptions,
} from '../../../../../infra/local/cli/start-options.ts';
import { readExternalAddresses } from '../../../../../infra/local/servers/start.ts';

const root = mkdtempSync(join(tmpdir(), 'options-'));
const csv = join(root, 'sales.csv');
writeFileSync(csv, '');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const EXTERNAL = {
  KAFKA_BROKERS: 'one:9092, two:9092',
  MYSQL_HOST: 'db',
  MYSQL_USER: 'shop',
  AWS_ENDPOINT_URL_DYNAMODB: 'http://dynamo:8001',
};

test('without options npm start picks the servers, uses port 8000 and continues where it stopped', () => {
  expect(parseStartOptions([], {})).toEqual({
    help: false,
    fresh: false,
    port: 8000,
    dataset: null,
    chaos: true,
    allowHost: [],
    basePath: '',
    servers: 'auto',
  });
});

test('the options that say how a data set is read are passed on', () => {
  const { datasetOptions } = parseStartOptions(['--map', 'superstore', '--date-format', 'mdy', '--sum'], {});
  expect(datasetOptions).toEqual({ map: 'superstore', 'date-format': 'mdy', sum: true });
});

const PROXIED = ['--allow-host', 'Shop.lan', '--allow-host=host.docker.internal', '--base-path', '/a/b/'];

test('every option is parsed', () => {
  const options = parseStartOptions(
    ['--fresh', '--port', '9000', '--dataset', csv, '--servers=native', '--no-chaos', ...PROXIED],
    {},
  );
  expect(options).toEqual({
    ...{ help: false, fresh: true, port: 9000, dataset: csv, chaos: false, servers: 'native' },
    ...{ allowHost: ['shop.lan', 'host.docker.internal'], basePath: '/a/b' },
  });
  expect(parseStartOptions(['--help'], {}).help).toBe(true);
});

test('the servers are external if the environment names all of them, unless --servers says otherwise', () => {
  expect(parseStartOptions([], EXTERNAL).servers).toBe('external');
  expect(parseStartOptions(['--servers', 'native'], EXTERNAL).servers).toBe('native');
  expect(parseStartOptions(['--servers', 'docker'], EXTERNAL).servers).toBe('docker');
});

test.each([
  [['--prot', '1'], {}, "Unknown option '--prot'. See npm start -- --help."],
  [['9000'], {}, "Unexpected argument '9000'"],
  [['--port', 'http'], {}, '--port must be a number from 0 to 65535'],
  [['--port', '65536'], {}, '--port must be a number from 0 to 65535'],
  [['--port'], {}, "'--port <value>' argument missing"],
  [['--dataset', '/no/such.csv'], {}, 'There is no file /no/such.csv'],
  [['--servers', 'podman'], {}, '--servers must be one of native, docker, localstack, external'],
  [['--allow-host', 'http://shop.lan'], {}, '--allow-host must be a name without scheme and port'],
  [['--base-path', 'shop'], {}, '--base-path must be a path, for instance --base-path /shop'],
  [['--fresh'], EXTERNAL, '--fresh empties only servers that npm start started'],
  [
    [],
    { ...EXTERNAL, MYSQL_HOST: '' },
    'KAFKA_BROKERS and AWS_ENDPOINT_URL_DYNAMODB is set but MYSQL_HOST is not',
  ],
  [[], { npm_config_fresh: 'true' }, 'write npm start -- --fresh'],
])('npm start rejects %j in %j with a remedy', (argv, environment, message) => {
  const parse = () => parseStartOptions(argv, environment);
  expect(parse).toThrow(OptionsError);
  expect(parse).toThrow(message);
});

test('the last line says that data stays, except with LocalStack, which keeps nothing', () => {
  for (const servers of ['auto', 'native', 'docker', 'external'] as const)
    expect(closingLine(servers)).toContain('The data stays for the next start.');
  expect(closingLine('localstack')).toContain('all data is removed');
});

test('the help lists every option', () => {
  for (const option of ['--fresh', '--port', '--dataset', '--servers', '--help'])
    expect(helpText).toContain(option);
});

test('external addresses are parsed, with default port, database and region', () => {
  expect(readExternalAddresses(EXTERNAL)).toEqual({
    kafkaBrokers: 'one:9092, two:9092',
    mysql: { host: 'db', port: 3306, user: 'shop', password: '', database: 'retail' },
    dynamodbEndpoint: 'http://dynamo:8001',
    dynamodbAccessKeyId: 'local',
    dynamodbSecretAccessKey: 'local',
    region: 'us-east-1',
  });
});

test('an invalid external address is reported by its name without its value', () => {
  const environment = {
    ...EXTERNAL,
    KAFKA_BROKERS: 'secret',
    MYSQL_PORT: 'secret',
    MYSQL_PASSWORD: 'secret',
  };
  const read = () => readExternalAddresses(environment);
  expect(read).toThrow(/KAFKA_BROKERS \(expected host:port.*MYSQL_PORT/);
  expect(read).not.toThrow(/secret/);
});
