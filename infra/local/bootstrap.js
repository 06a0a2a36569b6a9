/**
 * Runs before `npm start`, `npm test` and `npm run doctor`: installs the packages if they aren't the lock file's, Node
 * itself among them (the npm package `node`, so that what follows runs on the pinned version whatever is on PATH). Plain
 * JavaScript without dependencies, since it runs on the Node that happens to be there (18 or later).
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive, noteChild, readText, takingTurns } from './install-turn.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOCK_FILE = join(ROOT, 'package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.installed');
const PINNED_NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
const TURN = join(ROOT, '.local', 'install.lock');
const INSTANCE = join(ROOT, '.local', 'instance.json');

/** The oldest Node that runs the TypeScript of this project directly. */
const REQUIRED_NODE = 24;
const NPM_OPTIONS = [
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // npm's own patience, a minute for each package, would hide that there is no network.
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/** Something the person at the terminal has to do. Printed without a stack. */
class Problem extends Error {}

async function main() {
  const wanted = fingerprint();
  if (isInstalled(wanted)) return;
  await takingTurns(TURN, async () => {
    if (!isInstalled(wanted)) await install(wanted);
  });
}

/** What the packages depend on. The stamp is written last, so that an interrupted install has none. */
function fingerprint() {
  const lock = createHash('sha256').update(readFileSync(LOCK_FILE)).digest('hex');
  return `${lock} ${process.platform} ${process.arch}\n`;
}

function isInstalled(wanted) {
  return readText(STAMP) === wanted;
}

async function install(wanted) {
  refuseWhileRunning();
  console.log('Installing the packages (only when they change; some seconds)');
  let result = await npmCi([]);
  if (!result.ok && lacksNodePackage(result.output)) {
    requireOuterNode('has no npm package');
    result = await npmCi(['--ignore-scripts']);
  }
  if (!result.ok) throw new Problem(explain(result.output));
  checkPinnedNode();
  writeFileSync(STAMP, wanted);
  console.log('Packages installed');
}

/** Replacing the packages under a running host would break it at its next import. */
function refuseWhileRunning() {
  const pid = Number(/"pid": (\d+)/.exec(readText(INSTANCE) ?? '')?.[1]);
  if (!isAlive(pid) || !(readText(`/proc/${pid}/cmdline`) ?? 'start.ts').includes('start.ts')) return;
  throw new Problem(
    `The packages have changed, but Retail Time Machine runs in this folder (process ${pid}): ` +
      'end it with Ctrl-C in its terminal, then run the command again.',
  );
}

/** Runs `npm ci` with the npm and the Node that run this script, wherever they are. */
async function npmCi(extra) {
  const cli = process.env.npm_execpath ?? '';
  const [file, args] =
    basename(cli) === 'npm-cli.js' ? [process.env.npm_node_execpath ?? process.execPath, [cli]] : ['npm', []];
  const child = spawn(file, [...args, 'ci', ...NPM_OPTIONS, ...extra], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const begun = Date.now();
  const ticker = setInterval(() => {
    console.log(`  still installing (${Math.round((Date.now() - begun) / 1000)} s)`);
  }, 5_000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  if (child.pid !== undefined) noteChild(TURN, child.pid);
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  clearInterval(ticker);
  return { ok, output };
}

/** Node's package brings the binary with an install script; not every platform has one of every version. */
function lacksNodePackage(output) {
  return /E404|ETARGET|notarget/.test(output) && /node-(bin-)?(darwin|linux|win)-/.test(output);
}

/** Where the pinned Node can't run, the one on PATH does if it is new enough. */
function checkPinnedNode() {
  const { status } = spawnSync(PINNED_NODE, ['--version']);
  if (status === 0) return;
  requireOuterNode(existsSync(PINNED_NODE) ? 'cannot run the one from npm' : 'has not got the one from npm');
  rmSync(PINNED_NODE, { force: true });
}

function requireOuterNode(why) {
  const outer = process.env.npm_node_execpath ?? process.execPath;
  const version = spawnSync(outer, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  if (Number(/^v(\d+)/.exec(version)?.[1]) >= REQUIRED_NODE) return;
  throw new Problem(
    `Node ${REQUIRED_NODE} is needed and this machine (${process.platform}-${process.arch}) ${why}: ` +
      `install Node ${REQUIRED_NODE} or later from https://nodejs.org and run the command again ` +
      '(if npm runs no install scripts here, allow them: npm config set ignore-scripts false).',
  );
}

/** What npm's error comes to, and the remedy. */
function explain(output) {
  const remedies = [
    [/\bspawn npm ENOENT\b/, 'npm was not found: install Node with npm from https://nodejs.org'],
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|EHOSTUNREACH|network/i,
      'npm could not reach its registry: check the network connection (and the proxy: npm config get proxy)',
    ],
    [/ENOSPC/, 'The disk is full: free about 1 GB'],
    [/EACCES|EPERM/, `npm may not write into ${join(ROOT, 'node_modules')}: make the folder your own`],
    [/EUSAGE/, 'package.json and package-lock.json disagree: run npm install'],
    [/EINTEGRITY/, 'A downloaded package is not the one of package-lock.json: run npm cache clean --force'],
  ];
  const remedy = remedies.find(([pattern]) => pattern.test(output))?.[1];
  const said = output.trim().split('\n').slice(0, 8).join('\n  ');
  return `${remedy ?? 'npm ci failed: see what it says below, mend that'}, and run the command again.\n  ${said}`;
}

main().catch((error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
