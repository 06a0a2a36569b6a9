import { describe, expect, test } from 'vitest';
import { mysqlFunctionsOf } from '../../../../infra/capability-resources.ts';
import { type EnvironmentContext, localEnvironment } from '../../../../infra/local/environment.ts';
import { deployedSystem } from '../../../../infra/system.ts';
import { kafkaSettings, mysqlSettings } from '../../../../shared/settings.ts';

const context: EnvironmentContext = {
  addresses: {
    kafkaBrokers: '127.0.0.1:9092',
    mysql: { host: '127.0.0.1', port: 3306, user: 'someone', password: 'hidden', database: 'main' },
    dynamodbEndpoint: 'http://127.0.0.1:8001',
    dynamodbAccessKeyId: 'key',
    dynamodbSecretAccessKey: 'secret',
    region: 'eu-central-1',
  },
  names: { database: 'retail', table: 'simulation', topic: 'sales', consumerGroup: 'group' },
  mysqlFunctions: undefined,
  lambdaEndpoint: 'http://127.0.0.1:9001',
  tableWritesChannel: 'writes',
  pageDirectory: '/page',
  docsDirectory: '/docs',
  schemaDirectory: '/schema',
  apiToken: 'token',
  logLevel: 'INFO',
};

function environment(name: string): Record<string, string> {
  const definition = deployedSystem.functions[name];
  if (!definition) throw new Error(`There is no function ${name}.`);
  return localEnvironment(name, definition, context);
}

describe('the environment of a function', () => {
  test("a function's environment has the variables of its capabilities and no others", () => {
    expect(environment('feed')).toEqual({
      AWS_LAMBDA_FUNCTION_NAME: 'feed',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      POWERTOOLS_SERVICE_NAME: 'feed',
      POWERTOOLS_LOG_LEVEL: 'INFO',
      POWERTOOLS_METRICS_NAMESPACE: 'RetailTimeMachine/local',
      TZ: 'UTC',
      MYSQL_HOST: '127.0.0.1',
      MYSQL_PORT: '3306',
      MYSQL_DATABASE: 'retail',
      MYSQL_USER: 'someone',
      MYSQL_PASSWORD: 'hidden',
      MYSQL_AUTH: 'password',
      MYSQL_TLS: 'off',
    });
  });

  test('a function has a user of its own in MySQL where the account may create users', () => {
    const { feed, migrate } = deployedSystem.functions;
    if (!feed || !migrate) throw new Error('The system has no feed or no migrations.');
    const mysqlFunctions = mysqlFunctionsOf(deployedSystem.functions);
    const ofFeed = localEnvironment('feed', feed, { ...context, mysqlFunctions });
    expect(ofFeed.MYSQL_USER).toBe('retail_feed');
    expect(ofFeed.MYSQL_PASSWORD).toMatch(/^[\w-]{32}$/);
    expect(Object.values(ofFeed)).not.toContain('hidden');
    const ofOwner = localEnvironment('migrate', migrate, { ...context, mysqlFunctions });
    expect(ofOwner).toMatchObject({ MYSQL_USER: 'someone', MYSQL_PASSWORD: 'hidden' });
    expect(JSON.parse(ofOwner.FUNCTION_USERS ?? '')).toMatchObject({ retail_feed: ['mysql:read-events'] });
    expect(environment('migrate').FUNCTION_USERS).toBe('{}');
  });

  test("a function's environment has the settings that its code reads", () => {
    expect(mysqlSettings.safeParse(environment('producer')).success).toBe(true);
    expect(kafkaSettings.safeParse(environment('producer')).success).toBe(true);
  });

  test('functions that use the table get its name and its server', () => {
    const expected = { TABLE_NAME: 'simulation', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8001' };
    expect(environment('simulation')).toMatchObject({ ...expected, API_TOKEN: 'token' });
  });

  test("the live stream's environment has the feed function and the page", () => {
    expect(environment('live')).toMatchObject({
      FEED_FUNCTION_NAME: 'feed',
      AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9001',
      STREAM_LIFETIME_SECONDS: '840',
      QUIET_POLL_MS: '1000',
      TABLE_WRITES_CHANNEL: 'writes',
      PAGE_DIRECTORY: '/page',
    });
  });

  test("the ETL's environment has the schema's folder", () => {
    expect(environment('migrate').SCHEMA_DIRECTORY).toBe('/schema');
  });

  test("a function's environment keeps the function's own settings", () => {
    const { system } = deployedSystem.functions;
    if (!system) throw new Error('There is no function system.');
    const own = localEnvironment('system', { ...system, environment: { OWN_SETTING: 'kept' } }, context);
    expect(own).toEqual({ ...environment('system'), OWN_SETTING: 'kept' });
  });

  test('secrets are only given to functions that need them', () => {
    for (const name of ['simulation', 'live']) expect(environment(name)).not.toHaveProperty('MYSQL_PASSWORD');
    for (const name of ['sales', 'producer', 'live'])
      expect(environment(name)).not.toHaveProperty('API_TOKEN');
  });
});
