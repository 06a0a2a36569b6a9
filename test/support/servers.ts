import type { TestProject } from 'vitest/node';
import '../../infra/lambda-host/test/support/servers.ts';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { type ExternalMysql, takeExternalMysql } from './external-mysql.ts';
import { type OwnServers, startOwnServers } from './own-servers.ts';
import { chooseTestServers } from './server-modes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of this run: `inject('servers')`. Each suite uses a database, a topic and a table of its own. */
    servers: ServerAddresses;
  }
}

let servers: OwnServers | undefined;
let mysql: ExternalMysql | null = null;

/** Starts empty servers once per test run. */
export async function setup(project: TestProject): Promise<void> {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  mysql = await takeExternalMysql(report);
  servers = await startOwnServers(report, await chooseTestServers(process.env.SERVERS, report));
  const { addresses } = servers.running;
  const { dynamodbEndpoint, kafkaBrokers, region } = addresses;
  project.provide('hostServers', { dynamodbEndpoint, kafkaBrokers, region });
  project.provide('servers', mysql ? { ...addresses, mysql: mysql.address } : addresses);
}

export async function teardown(): Promise<void> {
  await mysql?.clean();
  await servers?.stop();
}
