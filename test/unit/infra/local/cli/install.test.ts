import { spawn, spawnSync } from 'node:child_process';
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

const COMMANDS = 'infra/local/cli/';
const CLI = fileURLToPath(new URL(`../../../../../${COMMANDS}`, import.meta.url));

/** A fake npm: records its calls, does what FAKE_NPM says (`held`: once the file `go` exists), and installs a Node. */
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
const [what, output] = (process.env.FAKE_NPM ?? 'works').split('|');
const isRebuild = process.argv.includes('rebuild');
if (!isRebuild) fs.rmSync('node_modules', { recursive: true, force: true });
const withoutScripts =
  process.argv.includes('--ignore-scripts') || what === 'no scripts at all' || (what === 'without scripts' && !isRebuild);
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

/** A fake command that prints its arguments. */
const DOCTOR = `console.log(\`doctor ran on \${process.versions.node} with \${process.argv.slice(2).join()}\`);`;

const root = mkdtempSync(join(tmpdir(), 'install-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let project = '';
beforeEach(() => {
  project = mkdtempSync(join(root, 'project-'));
  mkdirSync(join(project, COMMANDS), { recursive: true });
  for (const file of ['main.js', 'install.js']) copyFileSync(join(CLI, file), join(project, COMMANDS, file));
  writeFileSync(join(project, COMMANDS, 'doctor.ts'), DOCTOR);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(join(project, 'package-lock.json'), '{}');
  mkdirSync(join(project, 'npm'));
  writeFileSync(join(project, 'npm/package.json'), '{"type":"commonjs"}');
  writeFileSync(join(project, 'npm/npm-cli.js'), FAKE_NPM);
});

function spawnCommand(fake = 'works', environment: Record<string, string> = {}, nodeOptions: string[] = []) {
  const npm = { npm_execpath: join(project, 'npm/npm-cli.js'), npm_node_execpath: process.execPath };
  const env = { ...process.env, ...npm, FAKE_NPM: fake, ...environment };
  const args = [...nodeOptions, join(project, COMMANDS, 'main.js'), 'doctor', 'an argument'];
  return spawn(process.execPath, args, { env, cwd: root });
}

/** Returns the command's output and exit code. A held npm continues once a command waits for it. */
async function runCommand(...given: Parameters<typeof spawnCommand>) {
  const child = spawnCommand(...given);
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

/** The owners of the lock: the installing command and its npm. */
function holders(): string[] {
  const file = join(project, '.local/install.lock');
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
}

/** A Node that reports an older version. */
function oldNode(): string {
  const path = join(project, 'old-node');
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo v20.9.0 || exec "${process.execPath}" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

test('packages are installed once, and again when the lock file changes', async () => {
  expect(await runCommand()).toMatchObject({ code: 0 });
  expect(await runCommand()).toEqual({
    code: 0,
    output: `doctor ran on ${process.versions.node} with an argument\n`,
  });
  expect(calls()).toHaveLength(1);
  expect(calls()[0]).toMatch(/^ci --include=dev/);
  writeFileSync(join(project, 'package-lock.json'), '{"changed":true}');
  expect(await runCommand()).toMatchObject({ code: 0 });
  expect(calls()).toHaveLength(2);
});

test('of two simultaneous commands one installs and the other waits', async () => {
  const results = await Promise.all([runCommand('held'), runCommand('held')]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls()).toHaveLength(1);
});

test.each([
  ['npm error code ENOTFOUND', /^npm could not reach its registry: check the network connection/m],
  ['npm error code ENOSPC', /^The disk is full/m],
  ['npm error code EUSAGE', /^package.json and package-lock.json disagree: run npm install/m],
  ['npm error something new', /^npm ci failed: see below/m],
])('npm\'s error "%s" is reported with a remedy, and the next command installs', async (said, remedy) => {
  const failed = await runCommand(`fails|${said}`);
  expect(failed.code).toBe(1);
  expect(failed.output).toMatch(remedy);
  expect(failed.output).toContain(said);
  expect(await runCommand()).toMatchObject({ code: 0 });
});

test('after a killed installation the next command waits for its npm and installs again', async () => {
  const killed = spawnCommand('held');
  while (calls().length === 0 || holders().length < 2) await wait(5);
  killed.kill('SIGKILL');
  const { code, output } = await runCommand();
  expect(code).toBe(0);
  expect(output).toContain('waiting for it');
  expect(calls()).toHaveLength(2);
});

const NO_PACKAGE = 'fails|npm error code E404 ... node-linux-riscv64@24.21.0 is not in this registry';

test('without a Node package for the machine a new enough Node on PATH is used', async () => {
  expect(await runCommand(NO_PACKAGE)).toMatchObject({ code: 0 });
  expect(calls()[1]).toContain('--ignore-scripts');
});

test('without a Node package for the machine an older Node on PATH is reported with a remedy', async () => {
  const { code, output } = await runCommand(NO_PACKAGE, { npm_node_execpath: oldNode() });
  expect(code).toBe(1);
  expect(output).toContain(
    `Node 24 is needed and this machine (${process.platform}-${process.arch}) lacks it (npm has no package of it)`,
  );
  expect(output).toContain('install Node 24 or later from https://nodejs.org');
});

test('under ignore-scripts only the install script of node is run', async () => {
  const { code, output } = await runCommand('without scripts', { npm_node_execpath: oldNode() });
  expect(output).toContain('doctor ran');
  expect(code).toBe(0);
  expect(calls()).toEqual([
    expect.stringMatching(/^ci /),
    'rebuild node --ignore-scripts=false --loglevel=error',
  ]);
});

test('under ignore-scripts a failing install script of node is reported with a remedy', async () => {
  const { code, output } = await runCommand('no scripts at all', { npm_node_execpath: oldNode() });
  expect(code).toBe(1);
  expect(output).toContain('npm config set ignore-scripts false');
});

/** A module that makes the Node that loads it report an older version. */
function olderNode(): string {
  const preload = join(project, 'older.cjs');
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.9.0' } });`,
  );
  return preload;
}

test('a command whose packages bring an older Node ends with a remedy instead of running itself for ever', async () => {
  const { code, output } = await runCommand('works', { NODE_OPTIONS: `--require "${olderNode()}"` });
  expect(output).toMatch(/Node 24 is needed and \S+ is 20\.9\.0: run npm ci, then the command again\.\n$/);
  expect(code).toBe(1);
});

test('a command started by an older Node runs on the Node from npm', async () => {
  const { code, output } = await runCommand('works', {}, ['--require', olderNode()]);
  expect(output).toContain(`doctor ran on ${process.versions.node} with an argument`);
  expect(code).toBe(0);
});

test('a command whose program is missing ends with a message', async () => {
  await runCommand();
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [join(project, COMMANDS, 'main.js'), 'check'],
    { encoding: 'utf8', env: { PATH: project }, timeout: 10_000, killSignal: 'SIGKILL' },
  );
  expect(stderr).toBe(
    'biome could not be started (spawn biome ENOENT): run npm ci, then the command again.\n',
  );
  expect({ status, signal }).toEqual({ status: 1, signal: null });
});

test('an unknown command is rejected with a list of the commands', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(project, COMMANDS, 'main.js'), 'docter'], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^There is no command docter\.\n[\s\S]*\n {2}doctor +what is installed/);
});

test('the packages of a running host are not replaced', async () => {
  const host = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)', 'infra/local/cli/main.js']);
  mkdirSync(join(project, '.local'));
  writeFileSync(join(project, '.local/instance.json'), JSON.stringify({ pid: host.pid }, null, 2));
  const { code, output } = await runCommand();
  host.kill('SIGKILL');
  await once(host, 'exit');
  expect(code).toBe(1);
  expect(output).toContain(
    `Retail Time Machine runs in this folder (process ${host.pid}): end it with Ctrl-C`,
  );
  expect(await runCommand()).toMatchObject({ code: 0 });
});
