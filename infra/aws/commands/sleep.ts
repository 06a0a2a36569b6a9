/** `npm run sleep -- --stage hobby`: stops the broker and the database of a stage that has a broker of its own. */

import { readCommandLine, runCommand, say } from '../../command-line.ts';
import { eventSources } from '../../system.ts';
import { putToSleep } from '../sleep.ts';
import { stageThatSleeps } from './sleeping-stage.ts';

const USAGE = `Usage: npm run sleep -- [--stage <name>]

  --stage  a stage with a broker of its own that was deployed from this checkout (default: hobby)`;

await runCommand(async () => {
  const { options } = readCommandLine(process.argv.slice(2), { options: ['stage'] }, USAGE);
  await putToSleep({ ...(await stageThatSleeps(options.stage ?? 'hobby')), eventSources, say });
});
