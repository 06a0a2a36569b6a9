import type { TestProject } from 'vitest/node';
import type { ServerAddresses } from '../../infra/local/servers/addresses.ts';
import { type OwnServers, startOwnServers } from './own-servers.ts';
import { chooseTestServers } from './server-modes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of this run: `inject('servers')`. Each suite uses a database, a topic and a table of its own. */
    servers: ServerAddresses;
  }
}

let servers: OwnServers | undefined;

/** Starts empty servers once per test run. */
export async function setup(project: TestProject): Promise<void> {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  servers = await startOwnServers(report, await chooseTestServers(process.env.SERVERS, report));
  project.provide('servers', servers.running.addresses);
}

export async function teardown(): Promise<void> {
  await servers?.stop();
}
