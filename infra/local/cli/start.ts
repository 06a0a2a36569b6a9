/** `npm start`: the whole system on this machine until Ctrl-C. */
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { aborted, abortOnSignal, Interrupted } from '../../command-line.ts';
import type { LogLevel } from '../../lambda-host/log.ts';
import { readDatasetSettings } from '../dataset.ts';
import { AlreadyRunningError, lockInstance } from '../instance.ts';
import { startLocalSystem } from '../local-system.ts';
import { messageOf, SetupError } from '../servers/setup-error.ts';
import { openTerminal } from '../terminal.ts';
import {
  closingLine,
  helpText,
  OptionsError,
  parseStartOptions,
  type StartOptions,
} from './start-options.ts';

const PROJECT = join(import.meta.dirname, '../../..');

// As in Lambda, whatever this machine's time zone is.
process.env.TZ = 'UTC';
process.exit(await main().catch(report));

async function main(): Promise<number> {
  const options = parseStartOptions(process.argv.slice(2));
  if (!options.help) return start(options);
  console.log(helpText);
  return 0;
}

async function start(options: StartOptions): Promise<number> {
  const begun = performance.now();
  const instance = lockInstance();
  const logLevel = levelOf(process.env.POWERTOOLS_LOG_LEVEL);
  const log = openTerminal({
    write: (text) => process.stdout.write(text),
    pretty: process.stdout.isTTY,
    level: logLevel,
  });
  const signal = abortOnSignal(() => log.write('INFO', 'Shutting down; press Ctrl-C again to exit at once.'));
  // stdout may be closed (EPIPE).
  process.stdout.on('error', () => undefined);
  try {
    const apiToken = process.env.API_TOKEN ?? '';
    const datasetSettings = await readDatasetSettings(options.datasetOptions ?? {});
    const system = await startLocalSystem({
      ...options,
      datasetSettings,
      project: PROJECT,
      apiToken,
      logLevel,
      log,
      signal,
    });
    const port = Number(new URL(system.url).port);
    const url = `http://${await ownName()}:${port}${options.basePath}/stream/live`;
    instance.announce({ port, url, servers: system.addresses });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    log.write('INFO', `Ready after ${seconds} s. The live page: ${url} (Ctrl-C stops everything)`);
    const failure = await Promise.race([system.failed, aborted(signal)]);
    if (failure) log.write('ERROR', `${failure.message} Shutting down the rest.`);
    await system.stop();
    log.write('INFO', closingLine(options.servers));
    return failure ? 1 : 0;
  } finally {
    instance.release();
  }
}

/** The name localhost, unless it leads only to ::1, where the host doesn't listen. */
async function ownName(): Promise<string> {
  const addresses = await lookup('localhost', { all: true }).catch(() => []);
  return addresses.some(({ family }) => family === 4) ? 'localhost' : '127.0.0.1';
}

/** Prints one sentence for problems a person can fix, and the stack for bugs. Returns the exit code. */
function report(error: unknown): number {
  if (error instanceof Interrupted) return 0;
  console.error(error instanceof SetupError ? messageOf(error) : error);
  // Not a failure: the page is up.
  if (error instanceof AlreadyRunningError) return 0;
  return error instanceof OptionsError ? error.exitCode : 1;
}

function levelOf(name: string | undefined): LogLevel {
  return (
    (['DEBUG', 'INFO', 'WARN', 'ERROR'] as const).find((level) => level === name?.toUpperCase()) ?? 'INFO'
  );
}
