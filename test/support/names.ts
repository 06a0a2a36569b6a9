import { randomBytes } from 'node:crypto';
import type { SystemNames } from '../../infra/local/environment.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';

/** Names that no other suite uses. */
export function ownNames(): SystemNames {
  const id = randomBytes(6).toString('hex');
  return { database: `test_${id}`, table: 'simulation', topic: `sales-${id}`, consumerGroup: `group-${id}` };
}

/**
 * The servers with an access key of one's own: each key is a DynamoDB database of its own, and a second streamed table in
 * one database would slow both.
 */
export function ownAddresses(shared: ServerAddresses): ServerAddresses {
  return { ...shared, dynamodbAccessKeyId: `key${randomBytes(6).toString('hex')}` };
}
