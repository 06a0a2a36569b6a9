import { kafkaClient } from '../../../shared/kafka/client.ts';
import { type BatchProducer, openBatchProducer } from '../../../shared/kafka/producer.ts';
import { openPool, type Pool } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { publisherSettings } from '../../../shared/publication/dependencies.ts';
import { readSettings, SettingsError } from '../../../shared/settings.ts';
import { nonIdempotentClient, retryingClient } from '../../../shared/simulation/dynamodb.ts';
import {
  connectSimulationStore,
  openSimulationStore,
  type SimulationStore,
} from '../../../shared/simulation/store.ts';
import { UsageError } from '../../command-line.ts';
import { dynamodbConfigOf, kafkaSettingsOf, mysqlSettingsOf, namesOf } from '../environment.ts';
import { requireServing } from '../instance.ts';
import { messageOf, SetupError } from '../servers/setup-error.ts';

/** The stores a command works on. */
export interface CommandStores {
  readonly pool: Pool;
  readonly producer: BatchProducer;
  readonly simulation: SimulationStore;
}

const SEND_WITHIN_MS = 15_000;

/**
 * Runs a command on its stores and closes them. If the environment has the settings of a function, the stores are that
 * function's, as in a deployed stage; otherwise those of the host that runs in this clone. A failure of setup, settings or
 * usage is reported in one sentence, and the process exits with 1, or with 2 if the command line is invalid.
 *
 * @throws every other error of the command.
 */
export async function runOnStores(command: (stores: CommandStores) => Promise<void>): Promise<void> {
  try {
    const stores = openStores();
    try {
      await command(stores);
    } finally {
      await Promise.all([stores.pool.end(), stores.producer.close()]);
    }
  } catch (error) {
    if (![SetupError, SettingsError, UsageError].some((expected) => error instanceof expected)) throw error;
    console.error(messageOf(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

function openStores(): CommandStores {
  return process.env.TABLE_NAME === undefined ? storesOfHost() : storesOfStage();
}

/** @throws SettingsError naming the missing settings of a function. */
function storesOfStage(): CommandStores {
  const settings = readSettings(publisherSettings);
  return {
    pool: openPool(settings, { connectionLimit: 1 }),
    producer: openBatchProducer(kafkaClient(settings, 'command', createLogger('command')), SEND_WITHIN_MS),
    simulation: connectSimulationStore(settings),
  };
}

function storesOfHost(): CommandStores {
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
      incrementClient: nonIdempotentClient(dynamodb),
    }),
  };
}
