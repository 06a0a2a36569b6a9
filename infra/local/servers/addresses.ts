import * as z from 'zod';

/** Where the three servers listen, and how to log in. Contains a password: never log all of it. */
export const serverAddressesSchema = z.object({
  /** `host:port`, separated by commas. */
  kafkaBrokers: z.string().min(1),
  mysql: z.object({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535),
    user: z.string().min(1),
    password: z.string(),
    /** Exists, and the user may create others beside it. */
    database: z.string().min(1),
  }),
  dynamodbEndpoint: z.url(),
  /** DynamoDB Local has one database per access key id. */
  dynamodbAccessKeyId: z.string().min(1),
  dynamodbSecretAccessKey: z.string().min(1),
  region: z.string().min(1),
});
export type ServerAddresses = z.infer<typeof serverAddressesSchema>;

export const serverNames = ['kafka', 'mysql', 'dynamodb'] as const;
export type ServerName = (typeof serverNames)[number];

/** The servers' names in messages. */
export const serverTitles: Readonly<Record<ServerName, string>> = {
  kafka: 'Kafka',
  mysql: 'MySQL',
  dynamodb: 'DynamoDB',
};
