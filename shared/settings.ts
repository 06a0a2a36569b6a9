import * as z from 'zod';

/** Region and credentials of the function's role, set by Lambda. */
export const credentialSettings = z.object({
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
});

/** Settings are missing or invalid. The message names each one and what is expected. */
export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(`Invalid settings in the environment: ${problems.join('; ')}.`);
    this.name = 'SettingsError';
  }
}

/**
 * Reads and validates a process's settings; called once, at start.
 *
 * @throws SettingsError that names every missing or invalid variable, but no value, which may be a secret.
 */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.output<Schema> {
  // Read once per process: compiling the schema would take longer than interpreting it.
  const parsed = schema.safeParse(environment, { jitless: true });
  if (parsed.success) return parsed.data;
  throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.message})`));
}

/** The simulation's table. The server's address is the SDK's own setting `AWS_ENDPOINT_URL_DYNAMODB`. */
export const tableSettings = z.object({
  TABLE_NAME: z.string().min(3).max(255),
  /** The name under which the host of this machine shares when the table was written; unset on AWS. */
  TABLE_WRITES: z.string().min(1).optional(),
});
export type TableSettings = z.infer<typeof tableSettings>;

/** How a function reaches MySQL. */
export const mysqlSettings = z.object({
  MYSQL_HOST: z.string().min(1),
  MYSQL_PORT: z.coerce.number().int().min(1).max(65_535).default(3306),
  MYSQL_DATABASE: z.string().regex(/^\w{1,64}$/),
  MYSQL_USER: z.string().min(1),
  MYSQL_PASSWORD: z.string().optional(),
  /** `iam`: RDS takes a token signed with the function's role instead of a password; requires TLS. */
  MYSQL_AUTH: z.enum(['password', 'iam']).default('password'),
  /** `verify`: TLS with a check of the server's certificate, as on RDS. */
  MYSQL_TLS: z.enum(['off', 'verify']).default('off'),
  /** PEM file of the certificate authorities to trust; Node's own by default. */
  MYSQL_CA_FILE: z.string().min(1).optional(),
});
export type MysqlSettings = z.infer<typeof mysqlSettings>;

/** How a function reaches Kafka. */
export const kafkaSettings = z.object({
  /** `host:port`, separated by commas. */
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((broker) => broker.trim())),
  KAFKA_TOPIC: z.string().regex(/^[\w.-]{1,249}$/),
  /** The consumer group, whose lag is the pipeline's. */
  KAFKA_CONSUMER_GROUP: z.string().min(1),
  /**
   * `iam`: authenticates as the function's role, over TLS, as on MSK. `scram`: by name and password, of which SCRAM-SHA-512 sends
   * neither, without TLS, to a broker in the same private network.
   */
  KAFKA_AUTH: z.enum(['none', 'iam', 'scram']).optional(),
  KAFKA_USER: z.string().min(1).optional(),
  KAFKA_PASSWORD: z.string().min(1).optional(),
});
export type KafkaSettings = z.infer<typeof kafkaSettings>;
