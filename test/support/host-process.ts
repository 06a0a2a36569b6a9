/** Runs a host in a separate process, for tests that kill it. Started by `spawnHost` and configured by a message. */
import type { OwnRoutes } from '../../infra/lambda-host/gateway/gateway.ts';
import { type Chaos, createChaos, noChaos } from '../../infra/local/chaos.ts';
import { type HostOptions, startHost } from '../../infra/local/host.ts';
import { openTerminal } from '../../infra/local/terminal.ts';

/** The parent's single message. */
export type HostProcessOptions = Omit<HostOptions, 'log' | 'system'> & {
  readonly dataset: string;
  /** Module that exports the system description as `system`; default: the deployed one. */
  readonly systemModule: string | undefined;
  /** Whether its functions can be broken by `POST /chaos/{function}`. */
  readonly chaos: boolean | undefined;
};

/** The single reply: the host's address, or why it couldn't start. */
export type HostProcessReport =
  | { readonly url: string; readonly lambdaEndpoint: string }
  | { readonly failure: string };

process.once('message', (options: HostProcessOptions) => {
  run(options).then(report, (error: unknown) => report({ failure: String(error) }));
});
// Without its parent nothing would stop it.
process.on('disconnect', () => process.exit(1));

async function run({
  systemModule,
  chaos: isBreakable,
  ...options
}: HostProcessOptions): Promise<HostProcessReport> {
  const described: Pick<HostOptions, 'system'> = systemModule ? await import(systemModule) : {};
  const log = openTerminal({ write: (text) => process.stdout.write(text), pretty: false, level: 'INFO' });
  let chaos: Chaos | undefined;
  const ownRoutes: OwnRoutes = (request) => (chaos?.routes ?? noChaos)(request);
  const host = await startHost({ ...options, ...described, ownRoutes, log });
  if (isBreakable) {
    const { functions } = host;
    const onFailure = (error: unknown) => process.stderr.write(`${error}\n`);
    chaos = createChaos({ servers: new Map(), functions, apiToken: options.apiToken, log, onFailure });
  }
  process.on('SIGTERM', () =>
    Promise.resolve(chaos?.stop())
      .then(() => host.stop())
      .then(() => process.exit(0)),
  );
  const migrated = await host.invoke('migrate', {});
  const { error } = migrated.error ? migrated : await host.invoke('etl', { file: options.dataset });
  if (error) throw new Error(error.errorMessage);
  host.open();
  return { url: host.url, lambdaEndpoint: host.lambdaEndpoint };
}

function report(message: HostProcessReport): void {
  process.send?.(message);
}
