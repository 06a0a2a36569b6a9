/** Runs a host in a process of its own, for tests that kill it. Started by `spawnHost`, told what to do by a message. */
import { type HostOptions, startHost } from '../../infra/lambda-host/host.ts';
import { openTerminal } from '../../infra/local/terminal.ts';

/** What the parent sends once. */
export type HostProcessOptions = Omit<HostOptions, 'log' | 'system'> & {
  readonly dataset: string;
  /** Exports the description of the system as `system`; the deployed one if left out. */
  readonly systemModule: string | undefined;
};

/** What is sent back once: where the host answers, or why it can't. */
export type HostProcessReport =
  | { readonly url: string; readonly lambdaEndpoint: string }
  | { readonly failure: string };

process.once('message', (options: HostProcessOptions) => {
  run(options).then(report, (error: unknown) => report({ failure: String(error) }));
});
// Without its parent nobody would end it.
process.on('disconnect', () => process.exit(1));

async function run({ systemModule, ...options }: HostProcessOptions): Promise<HostProcessReport> {
  const described: Pick<HostOptions, 'system'> = systemModule ? await import(systemModule) : {};
  const log = openTerminal({ write: (text) => process.stdout.write(text), pretty: false, level: 'INFO' });
  const host = await startHost({ ...options, ...described, log });
  process.on('SIGTERM', () => host.stop().then(() => process.exit(0)));
  const { error } = await host.invoke('etl', { file: options.dataset });
  if (error) throw new Error(error.errorMessage);
  host.open();
  return { url: host.url, lambdaEndpoint: host.lambdaEndpoint };
}

function report(message: HostProcessReport): void {
  process.send?.(message);
}
