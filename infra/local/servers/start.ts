import * as z from 'zod';
import type { ServerAddresses } from './addresses.ts';
import { startContainers } from './docker/containers.ts';
import { findDockerEngine } from './docker/engine.ts';
import type { RunningServers, ServerMode, StartServersOptions } from './managed-server.ts';
import { startNative } from './native.ts';
import { probeDynamodb, probeKafka, probeMysql } from './readiness.ts';
import { messageOf, SetupError } from './setup-error.ts';

/**
 * Chooses where the servers run unless an option says so: in containers if a Docker engine answers, otherwise as processes. Logs why an
 * installed Docker can't be used.
 */
export async function chooseServers(
  asked: ServerMode | 'auto',
  report: (line: string) => void,
): Promise<ServerMode> {
  if (asked !== 'auto') return asked;
  const status = await findDockerEngine();
  if (status.state === 'ready') {
    report(
      `The Docker engine ${status.engine.version} answers: the servers run in containers, with data of their own ` +
        '(for processes: npm start -- --servers native).',
    );
    return 'docker';
  }
  if (status.state === 'unusable')
    report(`${status.message}: the servers run as processes, with data of their own.`);
  return 'native';
}

/**
 * Starts Kafka, MySQL and DynamoDB on the loopback interface and waits until each handles requests. Processes never outlive
 * this one, however it ends. Containers are stopped by Docker's command; if that is killed too, they run until the next
 * start.
 *
 * @throws SetupError with the remedy for a missing prerequisite; the signal's reason after an abort.
 */
export async function startServers(options: StartServersOptions): Promise<RunningServers> {
  if (options.mode === 'external') return useExternal(options);
  return options.mode === 'native' ? startNative(options) : startContainers(options);
}

async function useExternal(options: StartServersOptions): Promise<RunningServers> {
  if (options.fresh) {
    throw new SetupError(
      "--fresh can't empty external servers: leave it out, or start servers of your own with --servers native.",
    );
  }
  const addresses = readExternalAddresses();
  await checkExternal(addresses);
  return {
    addresses,
    processes: [],
    servers: new Map(),
    breakable: new Map(),
    failed: new Promise(() => {}),
    stop: async () => {},
  };
}

const mysqlSchema = z.object({
  MYSQL_HOST: z.string().min(1),
  MYSQL_PORT: z.coerce.number().int().min(1).max(65_535).default(3306),
  MYSQL_USER: z.string().min(1),
  MYSQL_PASSWORD: z.string().default(''),
  MYSQL_DATABASE: z
    .string()
    .regex(/^\w{1,64}$/, 'expected letters, digits and underscores')
    .default('retail'),
});

const environmentSchema = z.object({
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s:,]+:\d+(\s*,\s*[^\s:,]+:\d+)*$/, 'expected host:port, separated by commas'),
  ...mysqlSchema.shape,
  AWS_ENDPOINT_URL_DYNAMODB: z.url('expected a URL such as http://127.0.0.1:8001'),
  AWS_ACCESS_KEY_ID: z.string().min(1).default('local'),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).default('local'),
  AWS_REGION: z.string().min(1).default('us-east-1'),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** With all of these settings the servers are external; with none they are started here. */
const ADDRESS_SETTINGS = ['KAFKA_BROKERS', 'MYSQL_HOST', 'AWS_ENDPOINT_URL_DYNAMODB'] as const;

/** The address settings that are given and those that are not. */
export function addressSettings(environment: Environment): { given: string[]; missing: string[] } {
  const given = ADDRESS_SETTINGS.filter((name) => (environment[name] ?? '') !== '');
  return { given, missing: ADDRESS_SETTINGS.filter((name) => !given.includes(name)) };
}

/**
 * The addresses of running servers, from the environment.
 *
 * @throws SetupError naming each setting that is missing or wrong, but no value: it may be a secret.
 */
export function readExternalAddresses(environment: Environment = process.env): ServerAddresses {
  const settings = parse(environmentSchema, environment);
  return {
    kafkaBrokers: settings.KAFKA_BROKERS,
    mysql: mysqlAddress(settings),
    dynamodbEndpoint: settings.AWS_ENDPOINT_URL_DYNAMODB,
    dynamodbAccessKeyId: settings.AWS_ACCESS_KEY_ID,
    dynamodbSecretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
    region: settings.AWS_REGION,
  };
}

/**
 * The address of a running MySQL alone, from the environment.
 *
 * @throws SetupError naming each setting that is missing or wrong.
 */
export function readExternalMysql(environment: Environment = process.env): ServerAddresses['mysql'] {
  return mysqlAddress(parse(mysqlSchema, environment));
}

function parse<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.infer<Schema> {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.message})`);
  throw new SetupError(`For external servers set these environment variables: ${problems.join('; ')}.`);
}

function mysqlAddress(settings: z.infer<typeof mysqlSchema>): ServerAddresses['mysql'] {
  return {
    host: settings.MYSQL_HOST,
    port: settings.MYSQL_PORT,
    user: settings.MYSQL_USER,
    password: settings.MYSQL_PASSWORD,
    database: settings.MYSQL_DATABASE,
  };
}

/**
 * Checks that all three servers answer.
 *
 * @throws SetupError naming every one that doesn't, with its address and the setting that gives it.
 */
export async function checkExternal(addresses: ServerAddresses): Promise<void> {
  const { mysql } = addresses;
  const checks = [
    {
      what: `Kafka at ${addresses.kafkaBrokers} (KAFKA_BROKERS)`,
      probe: probeKafka(addresses.kafkaBrokers),
    },
    {
      what: `MySQL at ${mysql.host}:${mysql.port}, database ${mysql.database} (MYSQL_*)`,
      probe: probeMysql(mysql),
    },
    {
      what: `DynamoDB at ${addresses.dynamodbEndpoint} (AWS_ENDPOINT_URL_DYNAMODB)`,
      probe: probeDynamodb(addresses),
    },
  ];
  const results = await Promise.allSettled(checks.map((check) => check.probe));
  const problems = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${checks[index]?.what}: ${messageOf(result.reason)}`] : [],
  );
  if (problems.length === 0) return;
  throw new SetupError(`Not reachable: ${problems.join('; ')}. Start the server or correct the setting.`);
}
