import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import {
  DATASET_OPTIONS,
  DATASET_OPTIONS_HELP,
  type DatasetOptionValues,
  datasetOptionValues,
} from '../dataset.ts';
import { type ServerMode, serverModes } from '../servers/managed-server.ts';
import { SetupError } from '../servers/setup-error.ts';
import { addressSettings } from '../servers/start.ts';

/** The options of `npm start`. */
export interface StartOptions {
  readonly help: boolean;
  /** Start with empty stores. */
  readonly fresh: boolean;
  /** Port of the page and the API; 0 picks a free one. */
  readonly port: number;
  /** Absolute path of the CSV to load; null: the one in data/raw/, otherwise a generated one. */
  readonly dataset: string | null;
  /** Whether requests may break a part of the system for some seconds. */
  readonly chaos: boolean;
  /** Further host names that are accepted, in lower case without a port. */
  readonly allowHost: readonly string[];
  /** The path under which a proxy serves everything, such as `/shop`; empty for the root. */
  readonly basePath: string;
  /** How the data set is read. */
  readonly datasetOptions?: DatasetOptionValues | undefined;
  /** `auto`: containers if a Docker engine answers, otherwise processes. */
  readonly servers: ServerMode | 'auto';
}

/** The command line is invalid: exit code 2. */
export class OptionsError extends SetupError {
  readonly exitCode = 2;
}

export const helpText = `Usage: npm start -- [options]

Starts Retail Time Machine on this machine: the servers, the functions, and the page at /stream/live.

Options:
  --fresh                     start with empty stores (default: continue where the last start ended)
  --port <n>                  port of the page and the API (default: 8000)
  --dataset <csv>             load this data set (default: the CSV in data/raw/, otherwise a generated one)
${DATASET_OPTIONS_HELP}
  --servers <where>           external: use running ones, given by KAFKA_BROKERS, MYSQL_HOST, MYSQL_PORT, MYSQL_USER,
                              MYSQL_PASSWORD, MYSQL_DATABASE and AWS_ENDPOINT_URL_DYNAMODB
                              docker: Kafka, MySQL 8.4 and DynamoDB Local in containers
                              native: Kafka, MySQL and DynamoDB Local as processes; MySQL is the one that MYSQLD names
                              (path of a mysqld), else an installed one from 8.4 on, else MariaDB
                              localstack: as docker, but the CDK deploys table, bucket and token to LocalStack, where
                              nothing is kept (npm run deploy:local)
                              (default: external if these are set, docker if an engine answers, else native;
                              docker and native keep their data apart)
  --no-chaos                  don't let the page break a part of the running system
  --allow-host <name>         also answer under this name, for instance of a proxy; repeatable (docs/reverse-proxy.md)
  --base-path </x>            the path under which a proxy serves everything (default: the root)
  --help                      show this text

Other commands: npm test, npm run doctor (what is there and what is missing), npm run dead-letters, npm run prune-runs`;

/** The last line of a start. */
export function closingLine(servers: StartOptions['servers']): string {
  return servers === 'localstack'
    ? 'Everything has stopped and all data is removed, because LocalStack keeps nothing.'
    : 'Everything has stopped. The data stays for the next start.';
}

const optionsSchema = z.object({
  help: z.boolean().default(false),
  fresh: z.boolean().default(false),
  port: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port <= 65_535)
    .default(8000),
  dataset: z
    .string()
    .min(1)
    .transform((path) => resolve(path))
    .nullable()
    .default(null),
  servers: z.enum(serverModes).optional(),
  ...datasetOptionValues.shape,
  'no-chaos': z.boolean().default(false),
  'allow-host': z
    .array(
      z
        .string()
        .toLowerCase()
        .regex(/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/),
    )
    .default([]),
  'base-path': z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/)
    .transform((path) => path.replace(/\/$/, ''))
    .default(''),
});

/** The error for an invalid value, by option. */
const expectations: Readonly<Record<string, string>> = {
  port: '--port must be a number from 0 to 65535, for instance --port 8080',
  'allow-host':
    '--allow-host must be a name without scheme and port, for instance --allow-host shop.example.org',
  'base-path': '--base-path must be a path, for instance --base-path /shop',
  dataset: '--dataset must be the path of a CSV file',
  servers: `--servers must be one of ${serverModes.join(', ')}`,
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line of `npm start`.
 *
 * @throws OptionsError saying which option is wrong and what to write instead.
 */
export function parseStartOptions(
  argv: readonly string[],
  environment: Environment = process.env,
): StartOptions {
  rejectSwallowedOptions(environment);
  const parsed = optionsSchema.safeParse(readArguments(argv));
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]);
    throw new OptionsError(`${expectations[name] ?? `--${name} is invalid`}.`);
  }
  const {
    servers,
    'no-chaos': noChaos,
    'allow-host': allowHost,
    'base-path': basePath,
    help,
    fresh,
    port,
    dataset,
    ...datasetOptions
  } = parsed.data;
  const isPlain = Object.keys(datasetOptions).length === 0;
  const options = { help, fresh, port, dataset, datasetOptions: isPlain ? undefined : datasetOptions };
  if (options.dataset !== null && !isFile(options.dataset)) {
    throw new OptionsError(`There is no file ${options.dataset}: give --dataset the path of a CSV file.`);
  }
  const mode = servers ?? modeOf(environment);
  if (options.fresh && mode === 'external') {
    throw new OptionsError(
      '--fresh empties only servers that npm start started: leave it out, or add --servers native.',
    );
  }
  return { ...options, chaos: !noChaos, allowHost, basePath, servers: mode };
}

function readArguments(argv: readonly string[]): unknown {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        fresh: { type: 'boolean' },
        port: { type: 'string' },
        dataset: { type: 'string' },
        ...DATASET_OPTIONS,
        servers: { type: 'string' },
        'no-chaos': { type: 'boolean' },
        'allow-host': { type: 'string', multiple: true },
        'base-path': { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    // The first sentence names the option; the others are about positional arguments, and there are none.
    const [message] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new OptionsError(`${message?.replace(/\.$/, '')}. See npm start -- --help.`, { cause: error });
  }
}

/** npm consumes the option of `npm start --fresh`: better to say so than to start without it. */
function rejectSwallowedOptions(environment: Environment): void {
  const swallowed = [
    'fresh',
    'port',
    'dataset',
    'servers',
    'map',
    'date-format',
    'allow-host',
    'base-path',
  ].find((name) => environment[`npm_config_${name.replaceAll('-', '_')}`]);
  // npm takes --no-chaos for a setting of its own that is off.
  if (swallowed === undefined && environment.npm_config_chaos === '') {
    throw new OptionsError('npm has consumed --no-chaos: write npm start -- --no-chaos (with -- before it).');
  }
  if (swallowed === undefined) return;
  throw new OptionsError(
    `npm has consumed --${swallowed}: write npm start -- --${swallowed} (with -- before it).`,
  );
}

/** External servers if the environment names all of them; some alone are a mistake. Otherwise decided later. */
function modeOf(environment: Environment): StartOptions['servers'] {
  const { given, missing } = addressSettings(environment);
  if (given.length === 0) return 'auto';
  if (missing.length === 0) return 'external';
  throw new OptionsError(
    `${given.join(' and ')} is set but ${missing.join(' and ')} is not: set all of them for external servers, ` +
      'or start servers of your own with npm start -- --servers native.',
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
