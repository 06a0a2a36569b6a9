/**
 * `npm run sleep -- --stage hobby` stops the broker and the database of a stage that has a broker of its own;
 * `npm run wake -- --stage hobby` starts them again. The first argument says which of the two is meant.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine, runCommand, say, UsageError } from '../../command-line.ts';
import { eventSources } from '../../system.ts';
import { openAccount } from '../preflight/answers.ts';
import { type ClientTarget, clientTarget, readStageOfProject } from '../preflight/target.ts';
import { putToSleep, wakeUp } from '../sleep.ts';
import type { Stage } from '../stage.ts';
import { outputsOf } from '../upload.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const COMMANDS = new Map([
  ['sleep', putToSleep],
  ['wake', wakeUp],
]);

const [name = '', ...args] = process.argv.slice(2);
const USAGE = `Usage: npm run ${name} -- [--stage <name>]

  --stage  a stage with a broker of its own that was deployed from this checkout (default: hobby)`;

await runCommand(async () => {
  const { word, options } = readCommandLine(args, { options: ['stage'] }, USAGE);
  const command = COMMANDS.get(name);
  if (command === undefined || word !== undefined) throw new UsageError(USAGE);
  await command({ ...(await stageThatSleeps(options.stage ?? 'hobby')), eventSources, say });
});

/**
 * Finds a deployed stage that can be put to sleep, in the region and the account that it was deployed to.
 *
 * @throws Error if it has no broker of its own, wasn't deployed from here, or the credentials are those of another account.
 */
async function stageThatSleeps(stageName: string): Promise<{ stage: Stage; target: ClientTarget }> {
  const stage = await readStageOfProject(PROJECT_ROOT, stageName);
  if (!stage.broker) {
    throw new Error(
      `The stage ${stageName} uses MSK, which can't be stopped: npx cdk destroy --all -c stage=${stageName}.`,
    );
  }
  const outputs = path.join(PROJECT_ROOT, `.local/aws/outputs-${stageName}.json`);
  const { region, account } = await outputsOf(stageName, outputs);
  const target = clientTarget(region);
  const { account: own } = await openAccount(target).identity();
  if (own !== account)
    throw new Error(`${stageName} is in account ${account}; your credentials are those of ${own}.`);
  return { stage, target };
}
