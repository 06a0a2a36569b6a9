/** `npm start`: the whole system on this machine until Ctrl-C. */
import { join } from 'node:path';
import type { LogLevel } from '../../lambda-host/log.ts';
import { AlreadyRunningError, lockInstance } from '../instance.ts';
import { type LocalSystem, startLocalSystem } from '../run.ts';
import { messageOf, SetupError } from '../servers/setup-error.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import { aborted, Interrupted, abortOnSignal } from './signals.ts';
import { helpText, OptionsError, parseStartOptions, type StartOptions } from './start-options.ts';

const PROJECT = join(import.meta.dirname, '../../..');

// As in Lambda, whatever the time zone of this machine.
process.env.TZ = 'UTC';
process.exit(await main().catch(tell));

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
  const signal = abortOnSignal(() => log.write('INFO', 'Ending; press Ctrl-C again to end at once.'));
  // Whoever read the output may have gone.
  process.stdout.on('error', () => undefined);
  try {
    const apiToken = process.env.API_TOKEN ?? '';
    const run = await startLocalSystem({ ...options, project: PROJECT, apiToken, logLevel, log, signal });
    const port = Number(new URL(run.url).port);
    const url = `http://localhost:${port}/stream/live`;
    instance.announce({ port, url, servers: run.addresses });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    log.write('INFO', `Ready after ${seconds} s. The live page: ${url} (Ctrl-C ends everything)`);
    return await untilTheEnd(run, log, signal);
  } finally {
    instance.release();
  }
}

async function untilTheEnd(run: LocalSystem, log: Terminal, signal: AbortSignal): Promise<number> {
  const failure = await Promise.race([run.failed, aborted(signal)]);
  if (failure) log.write('ERROR', `${failure.message} Everything else is ended too.`);
  await run.stop();
  log.write('INFO', 'Everything has ended. The data stays for the next start.');
  return failure ? 1 : 0;
}

/** One sentence for what a person can mend, the stack for what is a fault of this program. */
function tell(error: unknown): number {
  if (error instanceof Interrupted) return 0;
  console.error(error instanceof SetupError ? messageOf(error) : error);
  // Nothing is wrong then: the page is there.
  if (error instanceof AlreadyRunningError) return 0;
  return error instanceof OptionsError ? error.exitCode : 1;
}

function levelOf(name: string | undefined): LogLevel {
  return (
    (['DEBUG', 'INFO', 'WARN', 'ERROR'] as const).find((level) => level === name?.toUpperCase()) ?? 'INFO'
  );
}
