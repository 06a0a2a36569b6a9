import type { TestProject } from 'vitest/node';
import { z } from 'zod';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { type OwnServers, startOwnServers } from './own-servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of this run: `inject('servers')`. Each suite uses a database, a topic and a table of its own. */
    servers: ServerAddresses;
  }
}

let servers: OwnServers | undefined;

/** `SERVERS=docker npm test`: on MySQL 8.4, Kafka and DynamoDB Local in containers. Never by itself: one says what was tested. */
const modes = z.enum(['native', 'docker']);

/** Starts empty servers once for the whole run. */
export async function setup(project: TestProject): Promise<void> {
  const mode = modes.parse(process.env.SERVERS || 'native', {
    error: () => 'SERVERS wants native or docker (the servers that the tests run on)',
  });
  servers = await startOwnServers((line) => process.stderr.write(`${line}\n`), mode);
  project.provide('servers', servers.running.addresses);
}

export async function teardown(): Promise<void> {
  await servers?.stop();
}
