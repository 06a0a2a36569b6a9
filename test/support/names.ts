import { randomBytes } from 'node:crypto';
import type { SystemNames } from '../../infra/local/environment.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';

/** Names no other suite uses. */
export function ownNames(): SystemNames {
  const id = randomBytes(6).toString('hex');
  return { database: `test_${id}`, table: 'simulation', topic: `sales-${id}`, consumerGroup: `group-${id}` };
}

/**
 * The servers with a separate access key: each key is a separate DynamoDB database, and a second streamed table in
 * one database would slow both.
 */
export function ownAddresses(shared: ServerAddresses): ServerAddresses {
  return { ...shared, dynamodbAccessKeyId: `key${randomBytes(6).toString('hex')}` };
}
