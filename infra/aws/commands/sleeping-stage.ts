import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAccount } from '../preflight/answers.ts';
import { type ClientTarget, clientTarget } from '../preflight/target.ts';
import { readStageOfProject } from '../project-context.ts';
import type { Stage } from '../stage.ts';
import { outputsOf } from '../upload.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Finds a deployed stage that can be put to sleep, in the region and the account that it was deployed to.
 *
 * @throws Error if it has no broker of its own, wasn't deployed from here, or the credentials are those of another account.
 */
export async function stageThatSleeps(name: string): Promise<{ stage: Stage; target: ClientTarget }> {
  const stage = await readStageOfProject(PROJECT_ROOT, name);
  if (!stage.broker) {
    throw new Error(
      `The stage ${name} uses MSK, which can't be stopped: npx cdk destroy --all -c stage=${name}.`,
    );
  }
  const { region, account } = await outputsOf(
    name,
    path.join(PROJECT_ROOT, `.local/aws/outputs-${name}.json`),
  );
  const target = clientTarget(region);
  const { account: own } = await openAccount(target).identity();
  if (own !== account)
    throw new Error(`${name} is in account ${account}; your credentials are those of ${own}.`);
  return { stage, target };
}
