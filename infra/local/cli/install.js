/** Installs the packages when the lock file has changed. Plain JavaScript without dependencies: see main.js. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The oldest Node that runs the TypeScript of this project directly. */
export const REQUIRED_NODE = 24;
const NPM_OPTIONS = [
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // npm's default timeout of a minute per package would hide that there is no network.
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

const FULL_BELOW_MB = 20;

/** Part of the command line of every host. */
const COMMANDS = 'infra/local/cli/';

/** Something the person at the terminal has to do. Printed without a stack. */
export class Problem extends Error {}

/**
 * Installs the packages of the lock file unless they are installed already.
 *
 * @param {string} root Folder of package.json.
 * @returns {Promise<string>} Path of a Node that runs TypeScript: the one from npm, otherwise the one on PATH.
 * @throws {Problem} with the remedy.
 */
export async function installPackages(root) {
  const places = {
    root,
    stamp: join(root, 'node_modules', '.installed'),
    node: join(root, 'node_modules', 'node', 'bin', 'node'),
    lock: join(root, '.local', 'install.lock'),
  };
  const wanted = fingerprint(root);
  const isInstalled = () =>
    readText(places.stamp) === wanted && (existsSync(places.node) || isOuterNodeNewEnough());
  if (!isInstalled()) {
    try {
      await locked(places.lock, async () => {
        if (!isInstalled()) await install(places, wanted);
      });
    } catch (error) {
      // A file of this program itself found no room, before or after npm's.
      if (error.code !== 'ENOSPC') throw error;
      throw new Problem('The disk is full: free about 1 GB, and run the command again.');
    }
  }
  return existsSync(places.node) ? places.node : outerNode();
}

/** What the packages depend on. The stamp is written last, so that an interrupted install has none. */
function fingerprint(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${lock} ${process.platform} ${process.arch}\n`;
}

async function install(places, wanted) {
  refuseWhileRunning(places.root);
  console.log('Installing packages (only when they change; takes some seconds)');
  let result = await npm(places, ['ci', ...NPM_OPTIONS]);
  if (!result.ok && lacksNodePackage(result.output)) {
    requireOuterNode('npm has no package of it');
    result = await npm(places, ['ci', ...NPM_OPTIONS, '--ignore-scripts']);
  }
  if (!result.ok) throw new Problem(explain(result, places.root));
  await checkPinnedNode(places);
  writeFileSync(places.stamp, wanted);
  console.log('Packages installed');
}

/** Replacing the packages under a running host would break it at its next import. */
function refuseWhileRunning(root) {
  const pid = Number(/"pid": (\d+)/.exec(readText(join(root, '.local', 'instance.json')) ?? '')?.[1]);
  if (!isAlive(pid) || !(readText(`/proc/${pid}/cmdline`) ?? COMMANDS).includes(COMMANDS)) return;
  throw new Problem(
    `The packages have changed, but Retail Time Machine runs in this folder (process ${pid}): ` +
      'end it with Ctrl-C in its terminal, then run the command again.',
  );
}

/** Runs npm, preferably the one that runs this script. */
async function npm({ root, lock }, args) {
  const cli = process.env.npm_execpath ?? '';
  const [file, first] =
    basename(cli) === 'npm-cli.js' ? [process.env.npm_node_execpath ?? process.execPath, [cli]] : ['npm', []];
  const child = spawn(file, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const begun = Date.now();
  // npm's message for a full disk depends on where it was, and it frees the space before it exits.
  let leastFree = freeMegabytes(root);
  const poll = setInterval(() => {
    leastFree = Math.min(leastFree, freeMegabytes(root));
  }, 200);
  const ticker = setInterval(() => {
    console.log(`  still installing (${Math.round((Date.now() - begun) / 1000)} s)`);
  }, 5_000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  // npm keeps running for a while after its parent is killed: the next command waits for it.
  if (child.pid !== undefined) renameSync(draft(lock, `${process.pid} ${child.pid}`), lock);
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  clearInterval(ticker);
  clearInterval(poll);
  return { ok, output, isDiskFull: leastFree < FULL_BELOW_MB || output.includes('ENOSPC') };
}

/** Node's package brings the binary with an install script; not every platform has one of every version. */
function lacksNodePackage(output) {
  return /E404|ETARGET|notarget/.test(output) && /node-(bin-)?(darwin|linux|win)-/.test(output);
}

/**
 * Where the Node from npm can't run, the current one does if it is new enough. Where npm runs no install scripts
 * (`ignore-scripts`), that of the package `node` is run alone: it brings the binary.
 */
async function checkPinnedNode(places) {
  if (spawnSync(places.node, ['--version']).status === 0) return;
  const isBroken = existsSync(places.node);
  if (!isBroken && !isOuterNodeNewEnough()) {
    console.log('npm runs no install scripts here; running that of the package node, which brings Node 24');
    await npm(places, ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error']);
    if (spawnSync(places.node, ['--version']).status === 0) return;
  }
  requireOuterNode(isBroken ? 'the one from npm does not run' : 'npm has not brought it');
  rmSync(places.node, { force: true });
}

function outerNode() {
  return process.env.npm_node_execpath ?? process.execPath;
}

function isOuterNodeNewEnough() {
  const version = spawnSync(outerNode(), ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return Number(/^v(\d+)/.exec(version)?.[1]) >= REQUIRED_NODE;
}

function requireOuterNode(why) {
  if (isOuterNodeNewEnough()) return;
  throw new Problem(
    `Node ${REQUIRED_NODE} is needed and this machine (${process.platform}-${process.arch}) lacks it (${why}): ` +
      `install Node ${REQUIRED_NODE} or later from https://nodejs.org and run the command again ` +
      '(if npm runs no install scripts here, allow them: npm config set ignore-scripts false).',
  );
}

function freeMegabytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1e6;
}

/** What npm's error means, and the remedy. */
function explain({ output, isDiskFull }, root) {
  const remedies = [
    [/\bspawn npm ENOENT\b/, 'npm was not found: install Node with npm from https://nodejs.org'],
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|EHOSTUNREACH|network/i,
      'npm could not reach its registry: check the network connection (and the proxy: npm config get proxy)',
    ],
    [/EACCES|EPERM/, `npm may not write into ${join(root, 'node_modules')}: make the folder your own`],
    [/EUSAGE/, 'package.json and package-lock.json disagree: run npm install'],
    [/EINTEGRITY/, 'A downloaded package is not the one of package-lock.json: run npm cache clean --force'],
  ];
  const remedy = isDiskFull
    ? 'The disk is full: free about 1 GB'
    : remedies.find(([pattern]) => pattern.test(output))?.[1];
  const shown = output.trim().split('\n').slice(0, 8).join('\n  ');
  return `${remedy ?? 'npm ci failed: see below, fix that'}, and run the command again.\n  ${shown}`;
}

/** One command at a time installs the packages. The lock file names it and its npm, and is stale once both have exited. */
async function locked(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waiting = false; !create(file); ) {
    const holders = (readText(file) ?? '').split(' ').map(Number);
    if (holders.some(isAlive)) {
      if (!waiting)
        console.log(`Another command installs the packages; waiting for it (else delete ${file})`);
      waiting = true;
      await wait(200);
    } else rmSync(file, { force: true });
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A hard link appears with its contents or not at all, and never replaces a file. */
function create(file) {
  const path = draft(file, String(process.pid));
  try {
    linkSync(path, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(path);
  }
}

function draft(file, text) {
  const path = `${file}.${process.pid}`;
  writeFileSync(path, text);
  return path;
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Null if there is no such file. */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
