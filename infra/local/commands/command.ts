import { kafkaClient } from '../../../shared/kafka/client.ts';
import { type BatchProducer, openBatchProducer } from '../../../shared/kafka/producer.ts';
import { openPool, type Pool } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { nonIdempotentClient, retryingClient } from '../../../shared/simulation/dynamodb.ts';
import { openSimulationStore, type SimulationStore } from '../../../shared/simulation/store.ts';
import { dynamodbConfigOf, kafkaSettingsOf, mysqlSettingsOf } from '../clients.ts';
import { requireServing } from '../instance.ts';
import { namesOf } from '../names.ts';
import { messageOf, SetupError } from '../servers/setup-error.ts';

/** What a command works on: the stores of the host that runs in this clone. */
export interface CommandStores {
  readonly pool: Pool;
  readonly producer: BatchProducer;
  readonly simulation: SimulationStore;
}

const SEND_WITHIN_MS = 15_000;

/** A command line that can't be understood; the message says what is possible. */
export class UsageError extends SetupError {}

/**
 * Runs a command on the stores of the running host and closes them. If it can't be done, one sentence says why and the
 * process ends with 1, or with 2 if the command line was wrong.
 */
export async function runCommand(command: (stores: CommandStores) => Promise<void>): Promise<void> {
  try {
    const stores = openStores();
    try {
      await command(stores);
    } finally {
      await Promise.all([stores.pool.end(), stores.producer.close()]);
    }
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(messageOf(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

function openStores(): CommandStores {
  const { servers } = requireServing();
  const names = namesOf(servers);
  const dynamodb = dynamodbConfigOf(servers);
  const kafka = kafkaClient(kafkaSettingsOf(servers, names), 'command', createLogger('command'));
  return {
    pool: openPool(mysqlSettingsOf(servers, names.database), { connectionLimit: 1 }),
    producer: openBatchProducer(kafka, SEND_WITHIN_MS),
    simulation: openSimulationStore({
      tableName: names.table,
      client: retryingClient(dynamodb),
      clickClient: nonIdempotentClient(dynamodb),
    }),
  };
}
