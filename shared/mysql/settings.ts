import * as z from 'zod';

/** How a function reaches MySQL. */
export const mysqlSettings = z.object({
  MYSQL_HOST: z.string().min(1),
  MYSQL_PORT: z.coerce.number().int().min(1).max(65_535).default(3306),
  MYSQL_DATABASE: z.string().regex(/^\w{1,64}$/),
  MYSQL_USER: z.string().min(1),
  MYSQL_PASSWORD: z.string().optional(),
  /** A secret `{"password": …}` of Secrets Manager, which may change at any time; it wins over a plain password. */
  MYSQL_SECRET_ARN: z.string().startsWith('arn:').optional(),
  /** `verify`: TLS with the server's certificate checked, as on RDS. */
  MYSQL_TLS: z.enum(['off', 'verify']).default('off'),
  /** PEM file of the authorities that may have signed it; without it, those that Node trusts. */
  MYSQL_CA_FILE: z.string().min(1).optional(),
});
export type MysqlSettings = z.infer<typeof mysqlSettings>;
