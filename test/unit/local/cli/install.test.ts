import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, test } from 'vitest';

const LOCAL = fileURLToPath(new URL('../../../../infra/local/', import.meta.url));

/** Stands for npm: notes how it was called, does what FAKE_NPM says (`held`: once the file `go` is there), and brings a Node. */
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
fs.rmSync('node_modules', { recursive: true, force: true });
const [what, output] = (process.env.FAKE_NPM ?? 'works').split('|');
const withoutScripts = process.argv.includes('--ignore-scripts');
function bring() {
  fs.mkdirSync('node_modules/node/bin', { recursive: true });
  if (!withoutScripts) fs.symlinkSync(process.execPath, 'node_modules/node/bin/node');
}
if (what === 'fails' && !withoutScripts) {
  console.error(output);
  process.exitCode = 1;
} else if (what === 'held') setInterval(() => (fs.existsSync('go') || !fs.existsSync('npm')) && process.exit(bring()), 5);
else bring();
`;

const root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let project = '';
beforeEach(() => {
  project = mkdtempSync(join(root, 'project-'));
  mkdirSync(join(project, 'infra/local'), { recursive: true });
  for (const file of ['bootstrap.js', 'install-turn.js']) {
    copyFileSync(join(LOCAL, file), join(project, 'infra/local', file));
  }
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(join(project, 'package-lock.json'), '{}');
  mkdirSync(join(project, 'npm'));
  writeFileSync(join(project, 'npm/package.json'), '{"type":"commonjs"}');
  writeFileSync(join(project, 'npm/npm-cli.js'), FAKE_NPM);
});

function spawnBootstrap(fake = 'works', environment: Record<string, string> = {}) {
  const npm = { npm_execpath: join(project, 'npm/npm-cli.js'), npm_node_execpath: process.execPath };
  const env = { ...process.env, ...npm, FAKE_NPM: fake, ...environment };
  return spawn(process.execPath, [join(project, 'infra/local/bootstrap.js')], { env, cwd: root });
}

/** What the command said and how it ended. An npm that is held goes on once a command waits for it. */
async function bootstrap(fake?: string, environment?: Record<string, string>) {
  const child = spawnBootstrap(fake, environment);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      if (output.includes('waiting for it')) writeFileSync(join(project, 'go'), '');
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

function calls(): string[] {
  const file = join(project, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** The note of the command that installs. */
function installTurn(): string {
  return readFileSync(join(project, '.local/install.lock'), 'utf8');
}

/** A Node that says it is an older one. */
function oldNode(): string {
  const path = join(project, 'old-node');
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo v20.9.0 || exec "${process.execPath}" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

test('packages are installed once, and again when the lock file changes', async () => {
  expect(await bootstrap()).toMatchObject({ code: 0 });
  expect(await bootstrap()).toEqual({ code: 0, output: '' });
  expect(calls()).toHaveLength(1);
  expect(calls()[0]).toMatch(/^ci --include=dev/);
  writeFileSync(join(project, 'package-lock.json'), '{"changed":true}');
  expect(await bootstrap()).toMatchObject({ code: 0 });
  expect(calls()).toHaveLength(2);
});

test('of two commands that start at once one installs and the other waits for it', async () => {
  const results = await Promise.all([bootstrap('held'), bootstrap('held')]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls()).toHaveLength(1);
});

test.each([
  ['npm error code ENOTFOUND', /^npm could not reach its registry: check the network connection/m],
  ['npm error code ENOSPC', /^The disk is full/m],
  ['npm error code EUSAGE', /^package.json and package-lock.json disagree: run npm install/m],
  ['npm error something new', /^npm ci failed: see what it says below/m],
])('after "%s" the remedy is told, and the next command repairs', async (said, remedy) => {
  const failed = await bootstrap(`fails|${said}`);
  expect(failed.code).toBe(1);
  expect(failed.output).toMatch(remedy);
  expect(failed.output).toContain(said);
  expect(await bootstrap()).toMatchObject({ code: 0 });
});

test('after an install that was killed the next command waits for its npm and installs anew', async () => {
  const killed = spawnBootstrap('held');
  while (calls().length === 0 || !installTurn().includes('"child"')) await wait(5);
  killed.kill('SIGKILL');
  const { code, output } = await bootstrap();
  expect(code).toBe(0);
  expect(output).toContain('waiting for it');
  expect(calls()).toHaveLength(2);
});

const NO_PACKAGE = 'fails|npm error code E404 ... node-linux-riscv64@24.21.0 is not in this registry';

test('where npm has no Node for the machine, the Node on PATH does if it is new enough', async () => {
  expect(await bootstrap(NO_PACKAGE)).toMatchObject({ code: 0 });
  expect(calls()[1]).toContain('--ignore-scripts');
});

test('where npm has no Node for the machine and the one on PATH is older, the remedy is told', async () => {
  const { code, output } = await bootstrap(NO_PACKAGE, { npm_node_execpath: oldNode() });
  expect(code).toBe(1);
  expect(output).toContain(
    `Node 24 is needed and this machine (${process.platform}-${process.arch}) has no npm package`,
  );
  expect(output).toContain('install Node 24 or later from https://nodejs.org');
});

test('the packages of a host that runs are not replaced', async () => {
  const host = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)', 'start.ts']);
  mkdirSync(join(project, '.local'));
  writeFileSync(join(project, '.local/instance.json'), JSON.stringify({ pid: host.pid }, null, 2));
  const { code, output } = await bootstrap();
  host.kill('SIGKILL');
  await once(host, 'exit');
  expect(code).toBe(1);
  expect(output).toContain(
    `Retail Time Machine runs in this folder (process ${host.pid}): end it with Ctrl-C`,
  );
  expect(await bootstrap()).toMatchObject({ code: 0 });
});
