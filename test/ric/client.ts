/** Builds AWS's own runtime client for Node, which runs handlers on Lambda, into this user's cache. */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cached } from '../../infra/local/servers/cache.ts';
import { findProgram, runProgram } from '../../infra/local/servers/program.ts';
import { SetupError } from '../../infra/local/servers/setup-error.ts';

const PACKAGE = 'aws-lambda-ric';
const VERSION = '4.0.2';

/** What its install script needs: it compiles curl, aws-lambda-cpp and an addon. */
const TOOLS = ['cmake', 'make', 'g++', 'python3', 'tar', 'xz', 'npm'];

/** The Node that runs this has no headers on its own; the package that brought it has them. */
const NODE = path.dirname(path.dirname(process.execPath));

/**
 * Returns the module that a Lambda environment starts. The first call of a user builds it, which takes minutes.
 *
 * @throws SetupError if it can't be built here: a tool is missing, or the platform isn't Linux.
 */
export async function runtimeClient(report: (line: string) => void): Promise<string> {
  if (process.platform !== 'linux') throw new SetupError(`${PACKAGE} runs on Linux only.`);
  const folder = await cached(
    `${PACKAGE}-${VERSION}-node${process.versions.modules}-${process.arch}`,
    (draft) => {
      requireTools();
      report(`Building ${PACKAGE} ${VERSION} (2 to 10 minutes, once per user)`);
      return build(draft);
    },
  );
  return path.join(folder, 'node_modules', PACKAGE, 'index.mjs');
}

/** @throws SetupError naming what is missing. */
function requireTools(): void {
  const missing = TOOLS.filter((tool) => findProgram(tool) === null);
  if (missing.length > 0) {
    throw new SetupError(`${PACKAGE} can't be built here: install ${missing.join(', ')}.`);
  }
}

async function build(folder: string): Promise<void> {
  // npm runs install scripts of packages that are allowed to only.
  const manifest = { private: true, allowScripts: { [PACKAGE]: true } };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const install = [
    'install',
    '--save-exact',
    '--no-audit',
    '--no-fund',
    '--foreground-scripts',
    `${PACKAGE}@${VERSION}`,
  ];
  const { ok, output } = await runProgram('npm', install, {
    cwd: folder,
    env: {
      PATH: `${path.join(NODE, 'bin')}:${process.env.PATH}`,
      npm_config_nodedir: headers(),
    },
  });
  if (!ok) throw new SetupError(`${PACKAGE} ${VERSION} could not be built:\n${output.slice(-2_000)}`);
}

/** The folder with `include/node`: of the package that brings Node, or of an installed Node. */
function headers(): string {
  try {
    const node = createRequire(import.meta.url).resolve('node/package.json');
    const platform = `node-${process.platform}-${process.arch}`;
    return path.join(path.dirname(node), 'node_modules', platform);
  } catch {
    return NODE;
  }
}
