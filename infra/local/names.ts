import { deployedSystem } from '../lambda-host/system-description.ts';
import { topic } from '../system.ts';
import type { SystemNames } from './environment.ts';
import type { ServerAddresses } from './servers/addresses.ts';

/** The stores of the clone's one system, on servers of its own or those it was given. */
export function namesOf({ mysql }: ServerAddresses): SystemNames {
  const { consumerGroup } = deployedSystem.eventSources.topic;
  return { database: mysql.database, table: 'simulation', topic: topic.name, consumerGroup };
}
