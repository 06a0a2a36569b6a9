/**
 * Runs before `npm start`, `npm test` and `npm run doctor`: installs the packages if they aren't the lock file's, Node
 * itself among them (the npm package `node`, so that what follows runs on the pinned version whatever is on PATH). Plain
 * JavaScript without dependencies, since it runs on the Node that happens to be there (18 or later).
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOCK_FILE = join(ROOT, 'package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.installed');
const PINNED_NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
const CLAIM = join(ROOT, '.local', 'install.lock');
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

const HEARTBEAT_MS = 1_000;
/** A claim without heartbeat is abandoned; but npm may go on for a while after its parent was killed. */
const SILENT_AFTER_MS = 10_000;
const NPM_LIMIT_MS = 10 * 60_000;

/** Something the person at the terminal has to do. Printed without a stack. */
class Problem extends Error {}

async function main() {
  const wanted = fingerprint();
  if (isInstalled(wanted)) return;
  await claim();
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  try {
    if (!isInstalled(wanted)) await install(wanted);
  } finally {
    clearInterval(heartbeat);
    rmSync(CLAIM, { force: true });
  }
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
  if (!isAlive(pid) || !(readText(`/proc/${pid}/cmdline`) ?? 'main.ts').includes('main.ts')) return;
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
  if (child.pid !== undefined) noteNpm(child.pid);
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

/** One command at a time installs; another waits until the packages are there. */
async function claim() {
  mkdirSync(dirname(CLAIM), { recursive: true });
  const draft = `${CLAIM}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid }));
  for (let waiting = false; !createAs(draft); ) {
    const holder = readText(CLAIM);
    if (holder === null) continue;
    if (isAbandoned(holder)) {
      removeAbandoned(holder);
      continue;
    }
    if (!waiting) console.log('Another command installs the packages; waiting for it');
    waiting = true;
    await wait(200);
  }
  rmSync(draft);
}

/** So that a command that comes after this one was killed knows what it has to wait for. */
function noteNpm(npm) {
  const draft = `${CLAIM}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, npm }));
  renameSync(draft, CLAIM);
}

/** A hard link appears whole or not at all, and not where there is something already. */
function createAs(draft) {
  try {
    linkSync(draft, CLAIM);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function beat() {
  try {
    utimesSync(CLAIM, new Date(), new Date());
  } catch {
    // Somebody has cleaned .local: the packages still get installed.
  }
}

function isAbandoned(text) {
  const [pid, npm] = ['pid', 'npm'].map((name) => Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1]));
  const silence = Date.now() - (statSync(CLAIM, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return !(isAlive(pid) && silence < SILENT_AFTER_MS) && !(isAlive(npm) && silence < NPM_LIMIT_MS);
}

/** Moves the claim away; if meanwhile another command has made it its own, that one gets it back. */
function removeAbandoned(judged) {
  const aside = `${CLAIM}.${process.pid}.abandoned`;
  try {
    renameSync(CLAIM, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== judged) createAs(aside);
  rmSync(aside, { force: true });
}

function isAlive(pid) {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

main().catch((error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
