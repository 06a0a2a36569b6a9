/** `npm run wake -- --stage hobby`: starts what `npm run sleep` has stopped. */

import { readCommandLine, runCommand, say } from '../../command-line.ts';
import { eventSources } from '../../system.ts';
import { wakeUp } from '../sleep.ts';
import { stageThatSleeps } from './sleeping-stage.ts';

const USAGE = `Usage: npm run wake -- [--stage <name>]

  --stage  a stage with a broker of its own that was deployed from this checkout (default: hobby)`;

await runCommand(async () => {
  const { options } = readCommandLine(process.argv.slice(2), { options: ['stage'] }, USAGE);
  await wakeUp({ ...(await stageThatSleeps(options.stage ?? 'hobby')), eventSources, say });
});
