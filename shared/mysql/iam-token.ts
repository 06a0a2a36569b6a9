/** The token with which RDS identifies a user by a function's role. */
import { ownCredentials, type PresignedRequest, presign } from '../aws/presign.ts';

/** A user of a database instance. */
export interface DatabaseUser {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/**
 * Signs an `rds-db:connect` request, in the format of `@aws-sdk/rds-signer`.
 *
 * @param role The region, and whose credentials sign.
 * @param now When the token's 15 minutes start; a connection that it opened stays valid.
 */
export function rdsIamToken(
  { host, port, user }: DatabaseUser,
  role: Pick<PresignedRequest, 'region' | 'credentials'>,
  now: Date,
): Promise<string> {
  const query = { Action: 'connect', DBUser: user };
  return presign({ ...role, service: 'rds-db', host: `${host}:${port}`, query, now });
}

/**
 * A plug-in of mysql2 that answers RDS's request for a password in plain text with a new token for each connection. Computing
 * one takes under a millisecond and no network. Only for connections over TLS.
 */
export function iamAuthentication(database: DatabaseUser) {
  return () => async () => {
    const token = await rdsIamToken(database, ownCredentials(), new Date());
    return Buffer.from(`${token}\0`);
  };
}
