/** Other programs that store the same waiting events in a table of the same form on the same servers. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerAddresses } from '../../../infra/local/servers/addresses.ts';
import { type Pool, select } from '../../../shared/mysql/connection.ts';
import { type PeerProgram, startPeer } from './running-peer.ts';

/** Events that wait in a topic. */
export interface WaitingEvents {
  readonly addresses: ServerAddresses;
  readonly database: string;
  readonly topic: string;
  /** Their number. */
  readonly events: number;
  /** For files; deleted by the bench. */
  readonly directory: string;
  readonly pool: Pool;
}

/** What a consumer reads and writes. */
export interface ConsumerTarget extends Omit<WaitingEvents, 'events' | 'pool'> {
  /** Of the form of `kafka_events`; exists. */
  readonly table: string;
  /** A consumer group that no other consumer has. */
  readonly group: string;
}

export interface Consumer {
  /** The name of its figure. */
  readonly name: string;
  /** The program, which runs until it is terminated. */
  programFor(target: ConsumerTarget): Promise<PeerProgram>;
}

/**
 * Lets a consumer store all waiting events.
 *
 * @returns events per second from its first batch to its last, by the server's clock, so that its start doesn't count.
 * @throws with the end of its output if it fails.
 */
export async function consumerRate(consumer: Consumer, waiting: WaitingEvents): Promise<number> {
  const { pool, events, ...place } = waiting;
  const directory = await mkdtemp(path.join(place.directory, `${consumer.name}-`));
  const table = `peer_${consumer.name}`;
  await pool.query(`CREATE TABLE ${table} LIKE kafka_events`);
  const program = await consumer.programFor({ ...place, directory, table, group: randomUUID() });
  const running = await startPeer(program, directory);
  try {
    await running.until(async () => (await countIn(pool, table)) >= events);
    return await rateIn(pool, table);
  } finally {
    await running.stop();
    await pool.query(`DROP TABLE ${table}`);
  }
}

async function countIn(pool: Pool, table: string): Promise<number> {
  const [row] = await select<{ stored: number }>(pool, `SELECT COUNT(*) AS stored FROM ${table}`);
  return row?.stored ?? 0;
}

/** As the bench computes it for the pipeline. */
async function rateIn(pool: Pool, table: string): Promise<number> {
  const sql = `
    SELECT COUNT(*) - SUM(e.received_at = f.first) AS stored,
           UNIX_TIMESTAMP(MAX(e.received_at)) - UNIX_TIMESTAMP(MIN(e.received_at)) AS seconds
      FROM ${table} e JOIN (SELECT MIN(received_at) AS first FROM ${table}) f`;
  const [row] = await select<{ stored: number; seconds: number }>(pool, sql);
  return Number(row?.stored) / Number(row?.seconds);
}

const SCRIPT = fileURLToPath(new URL('python_consumer.py', import.meta.url));

/** @param python The interpreter of the peers' environment. */
export function pythonConsumer(python: string): Consumer {
  return {
    name: 'python',
    async programFor({ addresses, database, directory, group, table, topic }) {
      const settings = path.join(directory, 'settings.json');
      const mysql = { ...addresses.mysql, database };
      const text = JSON.stringify({ brokers: addresses.kafkaBrokers, group, mysql, table, topic });
      await writeFile(settings, text, { mode: 0o600 });
      return { file: python, args: [SCRIPT, settings] };
    },
  };
}
