/** `npm run smoke -- <url>`: plays one day of a deployed system over HTTPS and checks the stream. */

import { readCommandLine, runCommand, say, UsageError } from '../../command-line.ts';
import { smoke } from './smoke-test.ts';

const USAGE = `Usage: npm run smoke -- <url>

  <url>   address of the system, such as https://d111111abcdef8.cloudfront.net

The API token is read from the environment variable API_TOKEN.`;

await runCommand(async () => {
  const { word: url } = readCommandLine(process.argv.slice(2), { options: [] }, USAGE);
  if (url === undefined || !URL.canParse(url)) throw new UsageError(USAGE);
  await smoke({ url: new URL(url), token: process.env.API_TOKEN ?? '', say });
});
