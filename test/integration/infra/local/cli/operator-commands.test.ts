import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendUndecodable } from '../../../../../infra/lambda-host/test/support/foreign-batches.ts';
import { kafkaSettingsOf, localEnvironment } from '../../../../../infra/local/environment.ts';
import { functions } from '../../../../../infra/system.ts';
import { kafkaClient } from '../../../../../shared/kafka/client.ts';
import { createLogger } from '../../../../../shared/observability/logger.ts';
import { eventually } from '../../../../support/eventually.ts';
import { fetchPatiently } from '../../../../support/http-client.ts';
import { type RunningSystem, startSystem } from '../../../../support/system.ts';

const run = promisify(execFile);

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ days: 2 });
});
afterAll(() => system.stop());

/** Runs a command where no host runs: with the Kafka of the reconciliation and the MySQL account of the migrations. */
async function command(name: string, ...args: string[]): Promise<string> {
  const { addresses, names } = system;
  const context = {
    ...{ pageDirectory: '', docsDirectory: '', schemaDirectory: '', tableWritesChannel: '' },
    ...{ lambdaEndpoint: '', apiToken: '', logLevel: 'INFO', isTableShared: true },
    mysqlFunctions: undefined,
    addresses,
    names,
  };
  const settings = {
    ...localEnvironment('reconciliation', functions.reconciliation, context),
    ...localEnvironment('migrate', functions.migrate, context),
  };
  const { stdout } = await run(process.execPath, [`infra/local/cli/${name}.ts`, ...args], {
    env: { PATH: process.env.PATH, ...settings },
  });
  return stdout;
}

describe('an operator’s commands, by the settings of a deployed function', () => {
  it('the dead-letters command lists unreadable messages and sends them again', async () => {
    await system.produce([{ key: 'S001_P0001', value: 'unreadable' }]);
    const listed = await eventually(async () => {
      const output = await command('dead-letters', 'list');
      expect(output).toContain('1 wait.');
      return output;
    });
    expect(listed).toContain('value:  unreadable');
    expect(await command('dead-letters', 'replay')).toContain('1 replayed.');
  });

  it('the dead-letters command does not replay what could not be decoded, and dismisses it', async () => {
    const kafka = kafkaClient(kafkaSettingsOf(system.addresses, system.names), 'test', createLogger('test'));
    await sendUndecodable(kafka, system.names.topic, [{ key: 'S001_P0001', value: 'a sale' }]);
    const listed = await eventually(async () => {
      const output = await command('dead-letters', 'list');
      expect(output).toContain("its batch can't be decoded: it can't be decompressed");
      return output;
    });
    expect(listed).toMatch(/value: {2}\(the batch, \d+ bytes\)/);
    expect(await command('dead-letters', 'replay')).toContain('could not be decoded and still wait');
    const [id = ''] = /^\d+(?= .*\n.*its batch)/m.exec(listed) ?? [];
    await expect(command('dead-letters', 'replay', '--id', id)).rejects.toThrow(
      /give its content with --value/,
    );
    expect(await command('dead-letters', 'dismiss')).toBe('1 dismissed.\n');
    expect(await command('dead-letters', 'list')).not.toContain('its batch');
    await expect(command('dead-letters', 'dismiss', '--id', id)).rejects.toThrow(/is waiting/);
  });

  it('the prune-runs command deletes the events of past runs', async () => {
    await fetchPatiently(new URL('/simulation/next-day', system.url), { method: 'POST' });
    await eventually(async () => {
      const status = await fetch(new URL('/simulation/status', system.url));
      expect(await status.json()).toMatchObject({ day_received: 100 });
    });
    await fetchPatiently(new URL('/simulation/reset', system.url), { method: 'POST' });
    // The run is kept until the command sees that it is stored completely.
    await system.invoke('reconciliation', {});
    expect(await command('prune-runs')).toContain(': 100 events deleted.');
  });
});
