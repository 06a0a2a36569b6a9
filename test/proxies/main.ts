/**
 * `npm run rtm -- test:proxies`: plays a day in a browser through nginx and Caddy, with the configurations of
 * docs/reverse-proxy.md, at the root and under a path. Proxies that aren't installed come from Debian's packages. Exits with
 * 1 if one of them isn't there or something fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { isFree, reservePorts } from '../../infra/local/servers/ports.ts';
import { findProgram } from '../../infra/local/servers/program.ts';
import { messageOf } from '../../infra/local/servers/setup-error.ts';
import { openBrowser } from '../support/browser.ts';
import { bringDebianPackages } from '../support/debian-packages.ts';
import { startLocalSystem } from '../support/stage.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/reverse-proxy.md');
/** The name and the path of the configurations in the document. */
const NAME = 'shop.example.org';
const PATH = '/shop';
const BROUGHT_WITHIN_MS = 600_000;
const LISTENS_WITHIN_MS = 30_000;
const PLAYED_WITHIN_MS = 120_000;

interface Proxy {
  readonly title: string;
  /** The first line of its configurations in the document. */
  readonly language: string;
  /** Writes a configuration and starts the proxy on a port. */
  start(folder: string, configuration: string, port: number): Promise<ChildProcess>;
}

const PROXIES: readonly Proxy[] = [
  { title: 'nginx', language: 'nginx', start: startNginx },
  { title: 'Caddy', language: 'caddy', start: startCaddy },
];

const folder = await mkdtemp(join(tmpdir(), 'proxies-'));
const { ports, release } = await reservePorts(join(folder, 'ports.json'), ['host', 'proxy']);
const system = await startLocalSystem(folder, ports.host, { allowedHosts: [NAME], basePath: PATH });
const browser = await openBrowser([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
let failures = 0;
try {
  for (const proxy of PROXIES) {
    for (const [where, configuration] of (await configurationsOf(proxy.language)).entries()) {
      const basePath = where === 0 ? '' : PATH;
      const title = `${proxy.title} ${basePath === '' ? 'at the root' : `under ${basePath}`}`;
      const problem = await tryProxy(proxy, configuration, basePath).then(() => null, messageOf);
      if (problem !== null) failures += 1;
      console.log(problem === null ? `ok  ${title}` : `!!  ${title}: ${problem}`);
    }
  }
} finally {
  await browser.close();
  await system.stop();
  release();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

/** The document's configurations in a language: for the root first, then for the path. */
async function configurationsOf(language: string): Promise<string[]> {
  const text = await readFile(DOCUMENT, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code]) => code ?? '',
  );
}

async function tryProxy(proxy: Proxy, documented: string, basePath: string): Promise<void> {
  const own = await mkdtemp(join(folder, 'proxy-'));
  const scheme = proxy.language === 'caddy' ? 'https' : 'http';
  const child = await proxy.start(
    own,
    documented.replaceAll('127.0.0.1:8000', `127.0.0.1:${ports.host}`),
    ports.proxy,
  );
  try {
    await untilListening(ports.proxy, child);
    await playDay(browser, `${scheme}://${NAME}:${ports.proxy}${basePath}`);
  } finally {
    child.kill('SIGTERM');
    await exitOf(child);
  }
}

/** Opens the page, presses Next day and waits for all sales; then looks at redirects and the API's documentation. */
async function playDay(opened: Browser, address: string): Promise<void> {
  const context = await opened.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PLAYED_WITHIN_MS);
  try {
    const page = await context.newPage();
    const failed: string[] = [];
    page.on('response', (response) => {
      // 503 comes from a system that has just started on a busy machine; what a proxy does wrong is 400 to 499, or 502.
      if (response.status() >= 400 && response.status() !== 503)
        failed.push(`${response.status()} for ${response.url()}`);
    });
    await page.goto(`${address}/stream/live`);
    const day = async () =>
      Number(/^day (\d+)/.exec((await page.locator('#day-of').textContent()) ?? '')?.[1] ?? 0);
    await page.getByRole('button', { name: 'Next day' }).click({ trial: true });
    const before = await day();
    await page.getByRole('button', { name: 'Next day' }).click();
    await page.locator('#day-of', { hasText: `day ${before + 1} of` }).waitFor();
    await page.locator('#kpi-events', { hasText: '100 / 100' }).waitFor();
    await page.goto(`${address}/docs`);
    await page.getByText('/simulation/next-day', { exact: false }).first().waitFor();
    if (address.endsWith(PATH)) {
      await page.goto(`${address}/stream/live/`);
      if (!page.url().endsWith(`${PATH}/stream/live`)) throw new Error(`A redirect led to ${page.url()}.`);
    }
    if (failed.length > 0) throw new Error(failed.join(', '));
  } finally {
    await context.close();
  }
}

async function startNginx(own: string, configuration: string, port: number): Promise<ChildProcess> {
  const { program, env } = await find('nginx', 'nginx', 'usr/sbin/nginx');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${own}/${kind};`,
  );
  const servers = configuration.replace(/listen \d+;/, `listen 127.0.0.1:${port};`);
  await writeFile(
    join(own, 'nginx.conf'),
    `daemon off; pid ${own}/pid; error_log stderr; ${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http { access_log off; ${paths.join(' ')}
${servers} }
`,
  );
  return launch(program, ['-p', own, '-e', 'stderr', '-c', join(own, 'nginx.conf')], env);
}

async function startCaddy(own: string, configuration: string, port: number): Promise<ChildProcess> {
  const { program, env } = await find('caddy', 'caddy', 'usr/bin/caddy');
  const site = configuration.replace(`${NAME} {`, `${NAME}:${port} {\n  bind 127.0.0.1\n  tls internal`);
  const options = '{\n  admin off\n  skip_install_trust\n  auto_https disable_redirects\n}\n';
  await writeFile(join(own, 'Caddyfile'), options + site);
  await mkdir(join(own, 'home'));
  const home = { HOME: join(own, 'home'), XDG_DATA_HOME: own, XDG_CONFIG_HOME: own };
  return launch(program, ['run', '--config', join(own, 'Caddyfile'), '--adapter', 'caddyfile'], {
    ...env,
    ...home,
  });
}

async function find(name: string, packageName: string, path: string) {
  const installed = findProgram(name);
  if (installed !== null) return { program: installed, env: {} };
  const signal = AbortSignal.timeout(BROUGHT_WITHIN_MS);
  const { folder: unpacked, env } = await bringDebianPackages(name, [packageName], console.log, signal);
  return { program: join(unpacked, path), env };
}

function launch(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const end = performance.now() + LISTENS_WITHIN_MS;
  while (await isFree(port)) {
    if (child.exitCode !== null) throw new Error(`The proxy ended with ${child.exitCode}.`);
    if (performance.now() > end) throw new Error('The proxy does not listen.');
    await delay(200);
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
