/** `npm run rtm -- monitoring`: Prometheus and Grafana in containers beside the host that runs in this clone, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { abortOnSignal, Interrupted } from '../../command-line.ts';
import { requireServing } from '../instance.ts';
import { composeProject } from '../servers/docker/compose.ts';
import { requireDockerEngine } from '../servers/docker/engine.ts';
import { reservePorts } from '../servers/ports.ts';
import { messageOf, SetupError } from '../servers/setup-error.ts';

const FOLDER = join(import.meta.dirname, '../../../.local/monitoring');
const SERVICES = ['prometheus', 'grafana'];

try {
  process.exitCode = await watch();
} catch (error) {
  if (error instanceof SetupError) console.error(messageOf(error));
  else if (!(error instanceof Interrupted)) throw error;
  process.exitCode = error instanceof SetupError ? 1 : 0;
}

async function watch(): Promise<number> {
  const { port } = requireServing();
  const otherwise = `point your own Prometheus at http://127.0.0.1:${port}/metrics?format=prometheus`;
  const { docker } = await requireDockerEngine(otherwise);
  await mkdir(FOLDER, { recursive: true });
  // Containers of a killed command still occupy its ports.
  await composeProject(docker, FOLDER, {}).stop();
  const { ports } = await reservePorts(join(FOLDER, 'ports.json'), ['prometheus', 'grafana']);
  const project = composeProject(docker, FOLDER, {
    RTM_PORT: String(port),
    PROMETHEUS_PORT: String(ports.prometheus),
    GRAFANA_PORT: String(ports.grafana),
  });
  const signal = abortOnSignal(() => console.log('Shutting down.'));
  await project.pull(SERVICES, { signal, report: console.log, otherwise });
  console.log(`Grafana: http://127.0.0.1:${ports.grafana} (Ctrl-C stops it; the measurements stay)`);
  const { file, args, env } = project.up(SERVICES);
  // In its own process group: Ctrl-C reaches only this process, which stops the containers in order.
  const compose = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'inherit', detached: true });
  signal.addEventListener('abort', () => compose.kill('SIGTERM'), { once: true });
  const [code] = await once(compose, 'exit');
  await project.stop();
  return signal.aborted ? 0 : Number(code ?? 1);
}
